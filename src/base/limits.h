/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* Every bound on what input may cost. docs/limits.md gives the reasons; a test crosses each one. */

/* clang-format off */
#define KIB 1024ull
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/* Layers (scan/, worker/) */
#define LIMIT_LAYER_STORED_BYTES   (64 * GIB)   /* compressed bytes of one layer */
#define LIMIT_LAYER_INFLATED_BYTES (64 * GIB)   /* bytes after decompression */
#define LIMIT_LAYER_ENTRIES        2000000u     /* tar entries */
#define LIMIT_PATH_BYTES           65536u       /* one normalised path */
#define LIMIT_PATH_DEPTH           4096u        /* components of one path */
#define LIMIT_LINK_HOPS            255u         /* symbolic links followed for one path */
#define LIMIT_LAYER_NAME_BYTES     (48 * MIB)   /* names, links and whiteouts kept of one layer */
#define LIMIT_LAYER_LINK_BYTES     (1 * GIB)    /* paths that following links of one layer led to, together */
#define LIMIT_WANTED_FILE_BYTES    (512 * MIB)  /* one file that a scanner asked for */
#define LIMIT_WANTED_MEMORY_BYTES  (8 * MIB)    /* of those kept in memory; larger ones go to the spool */
#define LIMIT_LAYER_MEMORY_BYTES   (32 * MIB)   /* all files kept in memory; then the spool */
#define LIMIT_LAYER_SPOOL_BYTES    (2 * GIB)    /* the spool of one layer */
#define LIMIT_LAYER_SECONDS        300u         /* wall time of one layer */
#define LIMIT_WORKER_ARENA_BYTES   (96 * MIB)   /* memory of a worker besides inflate windows and the spool */
#define LIMIT_PAX_BYTES            (1 * MIB)    /* one pax header, GNU long name or sparse map */
#define LIMIT_SPARSE_CHUNKS        65536u       /* pieces of one sparse file */
#define LIMIT_ZSTD_WINDOW_LOG      27u          /* 128 MiB */
#define LIMIT_XZ_MEMORY_BYTES      (128 * MIB)  /* decoder memory, mostly the dictionary */

#define LIMIT_WORKER_BYTES         (320 * MIB)  /* data of one worker, as the kernel counts it (RLIMIT_DATA) */
#define WORKER_MEMORY_BYTES        (96 * MIB)   /* counted for one worker, besides its inflate window */
#define INDEX_MEMORY_BYTES         (224 * MIB)  /* workers of one scan together: more wait */

/* Package databases (format/, scan/) */
#define LIMIT_LAYER_PACKAGES       200000u      /* packages of one layer, all databases */
#define LIMIT_PACKAGE_FILES        2000000u     /* owned paths of one layer, all packages */
#define LIMIT_FIELD_BYTES          4096u        /* one reported field: name, version, arch ... */
#define LIMIT_CONTROL_LINE_BYTES   (1 * MIB)    /* one line of a dpkg or apk database */
#define LIMIT_RPM_HEADER_BYTES     (256 * MIB)  /* librpm's own bound */
#define LIMIT_RPM_HEADER_TAGS      65535u
#define LIMIT_DATABASE_VALUE_BYTES (32 * MIB)   /* one row or value put together from pages: SQLite, Berkeley DB */
#define LIMIT_DATABASE_DAMAGES     100000u      /* damaged places after which a database is given up */
#define LIMIT_SQLITE_COLUMNS       2000u        /* of one table: SQLite's own default */
#define LIMIT_PACKAGE_RECORD_BYTES (1 * MIB)    /* memory for one package, or line, of a list in JSON */
#define LIMIT_CHISEL_BYTES         (64 * MIB)   /* a manifest of chisel, inflated */
#define LIMIT_CHISEL_WINDOW_BYTES  (32 * MIB)   /* memory to inflate it, besides the layer's own */
#define LIMIT_OS_RELEASE_BYTES     (64 * KIB)
#define LIMIT_CONTENT_SETS         4096u        /* repositories that one layer names */
#define LIMIT_REPOID_BYTES         1024u        /* id of a repository: its URI, encoded, is a field */
#define LIMIT_DNF_HISTORY_ROWS     200000u      /* of one table of dnf's history */
#define LIMIT_BUILDINFO_BYTES      (1 * MIB)    /* a Dockerfile or labels.json in a layer of Red Hat */
#define LIMIT_DOCKERFILE_ASSIGNMENTS 4096u      /* labels and variables of one Dockerfile */

/* Frames between parent and worker (base/frame.h) */
#define LIMIT_FRAME_BYTES          (8 * MIB)
#define LIMIT_FINDINGS_BYTES       (64 * MIB)   /* findings of one layer, encoded, owned files too */
#define LIMIT_AGAIN_NAMES          200000u      /* names of one AGAIN answer */
#define LIMIT_OWNED_BYTES          (64 * MIB)   /* paths of owned files of one scanner, rebuilt */

/* HTTP (net/) */
#define LIMIT_HTTP_HEADER_BYTES    (256 * KIB)  /* header lines of one answer */
#define LIMIT_CA_BYTES             (16 * MIB)   /* one file of CA certificates */

/* Images (image/) */
#define LIMIT_MANIFEST_BYTES       (4 * MIB)    /* manifest, index, config: as registries bound them */
#define LIMIT_INDEX_DEPTH          4u           /* image index inside image index */
#define LIMIT_MANIFEST_LAYERS      1024u
#define LIMIT_CREDENTIALS_BYTES    (1 * MIB)    /* docker's config.json; a token that a registry gives out */
#define LIMIT_TAGS_BYTES           (1 * MIB)    /* a list of tags, for an error message */
#define LIMIT_ARCHIVE_MEMBERS      100000u      /* members of an image archive */

/* Commands that ask a service (cmd/) */
#define LIMIT_PEER_ANSWER_BYTES    (128 * MIB)  /* one answer of the indexer of another process */
#define LIMIT_REMOTE_ANSWER_BYTES  (256 * MIB)  /* one answer of a service */
#define LIMIT_BUNDLE_LINE_BYTES    (16 * MIB)   /* one record of an offline bundle */

/* Prebuilt databases (store/data_*, engine/data_pull) */
#define LIMIT_KEY_BYTES            16384u       /* one key in PEM */
#define LIMIT_DATA_MANIFEST_BYTES  (4 * MIB)    /* manifest of one file */
#define LIMIT_DATA_UPDATERS        20000u       /* updaters that a manifest names */
#define LIMIT_DATA_INFLATED_BYTES  (32 * GIB)   /* the database in one file, or the changes */
#define LIMIT_DATA_STORED_BYTES    (8 * GIB)    /* one file, compressed */
#define LIMIT_DATA_ROW_BYTES       (32 * MIB)   /* one row of a delta */
#define LIMIT_DATA_INDEX_BYTES     (1 * MIB)    /* index.json of a folder */
#define LIMIT_DATA_DELTAS          1000u        /* deltas that it names */

/* JSON (base/json.h) */
#define LIMIT_JSON_DEPTH           64u
#define LIMIT_JSON_STRING_BYTES    (16 * MIB)
#define LIMIT_JSON_NUMBER_BYTES    64u
#define LIMIT_JSON_TREE_BYTES      (64 * MIB)   /* one record read as a tree */

/* XML (base/xml.h) */
#define LIMIT_XML_DEPTH            256u         /* nesting */
#define LIMIT_XML_ATTRIBUTES       256u         /* of one element */
#define LIMIT_XML_NAME_BYTES       1024u        /* of an element */
#define LIMIT_XML_TOKEN_BYTES      (1 * MIB)    /* one tag with its attributes, or one comment */
#define LIMIT_XML_TEXT_BYTES       (16 * MIB)   /* text of all open elements together */

/* Configuration (cmd/config) */
#define LIMIT_CONFIG_BYTES         (1 * MIB)    /* one file */
#define LIMIT_CONFIG_DROP_INS      1000u        /* entries of FILE.d */
#define LIMIT_CONFIG_TOTAL_BYTES   (16 * MIB)   /* all files together */

/* Feeds (feed/, engine/update) */
#define LIMIT_FEED_STORED_BYTES    (1 * GIB)    /* one feed document as fetched */
#define LIMIT_FEED_INFLATED_BYTES  (16 * GIB)
#define LIMIT_FEED_SECONDS         1800u        /* wall time of parsing one feed document */
#define LIMIT_FEED_TEXT_BYTES      (1 * MIB)    /* one text field of an advisory; cut there */
#define LIMIT_FEED_PAGES           10000u       /* pages of one updater */
#define LIMIT_VEX_LISTING_BYTES    (64 * MIB)   /* list of what changed or was deleted */
#define LIMIT_VEX_CHANGES          5000u        /* documents fetched one by one; more: the archive */

#define LIMIT_ENRICHMENT_TAGS      64u          /* names that one enrichment is about */

#define LIMIT_OVAL_DEFINITION_BYTES (32 * MIB)  /* memory for one definition while it is read */
#define LIMIT_OVAL_MODULES         64u          /* modules that one definition names; more are left out */
#define LIMIT_OVAL_ROWS            1000000u     /* advisories of one definition */
#define LIMIT_OSV_RECORD_BYTES     (16 * MIB)   /* one JSON document of an archive */
#define LIMIT_OSV_BUILDS           64u          /* builds of one fix for one package; more are left out */
#define LIMIT_PURL_QUALIFIERS      32u          /* of one package URL */
#define LIMIT_CSAF_DOCUMENTS       1000000u     /* members of an archive of CSAF documents */
#define LIMIT_CSAF_DOCUMENT_BYTES  (64 * MIB)   /* memory for one document while it is read */
#define LIMIT_CSAF_PRODUCTS        196608u      /* products of one document, single and as components */
#define LIMIT_CSAF_ARCHES          32u          /* architectures of one fix; with more it counts for all */
#define LIMIT_MAP_NAMES_BYTES      (256 * KIB)  /* names that one id of a map leads to; more are left out */
#define LIMIT_CSAF_NOTES           4u           /* what is told of one document; more are counted */
#define LIMIT_BODHI_UPDATE_BYTES   (16 * MIB)  /* memory for one update of Fedora while it is read */
#define LIMIT_BODHI_ROWS           100000u      /* advisories of one: packages times vulnerabilities */
#define LIMIT_UPDATEINFO_ROWS      1000000u     /* advisories of one update: packages times CVEs */
#define LIMIT_UPDATEINFO_BYTES     (32 * MIB)   /* memory for one update while it is read */

#define UPDATER_MEMORY_BYTES       (128 * MIB)  /* counted for one updater: a worker and what it remembers */
#define UPDATE_MEMORY_BYTES        (384 * MIB)  /* updaters at once, together: more wait */

/* Reports (api/, engine/) */
#define LIMIT_DEFLATE_BYTES        (1 * GIB)    /* one text compressed at once */
#define LIMIT_ADVISORY_CVES        64u          /* CVE ids looked up for one advisory */

/* Requests and answers of the service (api/, report/clair_parse) */
#define LIMIT_REQUEST_BYTES        (64 * KIB)   /* body of a request that needs none */
#define LIMIT_REQUEST_INDEX_BYTES  (16 * MIB)   /* a manifest posted for indexing */
#define LIMIT_REQUEST_DIGESTS      100000u      /* digests of one bulk deletion */
#define LIMIT_REQUEST_DELETE_BYTES (16 * MIB)   /* its body: room for as many sha512 digests */
#define LIMIT_REQUEST_QUESTION_BYTES (32 * MIB) /* vulnerabilities of one affected_manifest question */
#define LIMIT_QUESTION_ADVISORIES  100000u      /* how many of them */
#define LIMIT_LAYER_URI_BYTES      (32 * KIB)   /* where a posted layer is: presigned URLs are long */
#define LIMIT_LAYER_HEADERS        64u          /* names, and values, of headers to fetch a layer with */
#define LIMIT_LAYER_HEADER_BYTES   (64 * KIB)   /* one value of them: a token */
#define LIMIT_ACCEPT_ENTRIES       64u          /* entries of Accept or Accept-Encoding */
#define LIMIT_INDEX_THREADS        1024u        /* requests with a thread of their own, whatever is configured */
#define LIMIT_REPORT_OBJECTS       1000000u     /* packages, or environments, of an index report that is read */
#define LIMIT_PAGE_ROWS            10000u       /* rows of one page of an answer */
#define LIMIT_NAMED_ADVISORIES     20000u       /* advisories of one vulnerability name */
#define LIMIT_REQUEST_HEADER_BYTES (32 * KIB)   /* request line and header lines of one request */
#define LIMIT_REQUEST_BODIES_BYTES (1 * GIB)    /* bodies of all requests of a listener together */
#define LIMIT_TOKEN_BYTES          8192u        /* one JSON web token */

/* clang-format on */

#endif
