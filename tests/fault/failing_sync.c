/* Preloaded under a server by test_disk.py: while the file named by FAILING_SYNC exists, syncs of
 * files fail with EIO, as on a dying disk; when a number is in it, that many of them go well
 * before. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_int passed;

static int fails(void)
{
    const char *trigger = getenv("FAILING_SYNC");
    FILE *f = trigger ? fopen(trigger, "r") : NULL;
    int spared = 0;

    if (f == NULL) {
        passed = 0;
        return 0;
    }
    if (fscanf(f, "%d", &spared) != 1)
        spared = 0;
    fclose(f);
    return atomic_fetch_add(&passed, 1) >= spared;
}

static int sync_or_fail(const char *name, int fd)
{
    int (*real)(int);

    if (fails()) {
        errno = EIO;
        return -1;
    }
    *(void **)&real = dlsym(RTLD_NEXT, name);
    return real(fd);
}

int fsync(int fd)
{
    return sync_or_fail("fsync", fd);
}

int fdatasync(int fd)
{
    return sync_or_fail("fdatasync", fd);
}

int syncfs(int fd)
{
    return sync_or_fail("syncfs", fd);
}
