/* Preloaded into a server under test: names under .rebind.test resolve to what the file
 * RESOLVER_ANSWERS says, a line for each lookup since it was put there (addresses with commas; the
 * last line stays), as the DNS server of an attacker would answer. 198.41.0.4, which is public, is
 * routed to this machine; 198.41.0.5 refuses. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int asked; /* how often, of the file that is there now */
static ino_t file;

/* The line that is next; the last one for ever. */
static void next_answer(char *line, int size)
{
    FILE *f = fopen(getenv("RESOLVER_ANSWERS"), "r");
    struct stat st;

    line[0] = '\0';
    pthread_mutex_lock(&lock);
    if (f && fstat(fileno(f), &st) == 0 && st.st_ino != file) {
        file = st.st_ino;
        asked = 0;
    }
    for (int i = 0; f && i <= asked; i++)
        if (!fgets(line, size, f))
            break;
    asked++;
    pthread_mutex_unlock(&lock);
    if (f)
        fclose(f);
    line[strcspn(line, "\n")] = '\0';
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **res)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
        (int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))dlsym(
            RTLD_NEXT, "getaddrinfo");
    size_t n = node ? strlen(node) : 0;
    struct addrinfo **tail = res;
    char line[256], *rest = line, *address;
    int code = EAI_NONAME;

    if (n < 12 || strcmp(node + n - 12, ".rebind.test") != 0)
        return real(node, service, hints, res);
    next_answer(line, sizeof line);
    while ((address = strsep(&rest, ",")) != NULL) {
        code = real(address, service, hints, tail);
        if (code != 0)
            return code;
        while (*tail)
            tail = &(*tail)->ai_next;
    }
    return code;
}

int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
    int (*real)(int, const struct sockaddr *, socklen_t) =
        (int (*)(int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "connect");
    struct sockaddr_in in;

    if (addr->sa_family != AF_INET)
        return real(fd, addr, len);
    memcpy(&in, addr, sizeof in);
    if (in.sin_addr.s_addr == inet_addr("198.41.0.5")) {
        errno = ECONNREFUSED;
        return -1;
    }
    if (in.sin_addr.s_addr == inet_addr("198.41.0.4"))
        in.sin_addr.s_addr = inet_addr("127.0.0.1");
    return real(fd, (const struct sockaddr *)&in, len);
}
