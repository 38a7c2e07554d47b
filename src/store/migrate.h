/* Brings a database to the schema this program knows. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "db/db.h"

/* Apply what is missing of the embedded sql/NNNN_*.sql, all in one transaction; record each with
 * its hash. Refused with a message in *f, nothing written: a database of a newer program, or one
 * whose applied migrations are not the ones we know. *applied_out counts what was applied. */
enum err migrate(struct db *db, int *applied_out, struct fault *f);

/* Is nothing missing? ERR_CONFLICT with a message when it is; else refused as above. Only reads. */
enum err migrate_check(struct db *db, struct fault *f);

#endif
