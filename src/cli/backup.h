/* Copies of a data directory, and checking one. A backup is a data directory itself: to restore,
 * serve it (or a copy of it). */
#ifndef CLI_BACKUP_H
#define CLI_BACKUP_H

/* Copy the data in `data`, served or not, as they are at one moment, to directory `to`. A backup
 * that is there already is brought up to date: what it has is not copied again, and until the new
 * one is complete it stays what it was. Returns an exit status; says what it did. */
int backup(const char *data, const char *to);

/* Read everything in `data`, served or not, and compare: pages and references of the database, and
 * each file with its hash. Returns an exit status; says what is wrong. */
int verify(const char *data);

#endif
