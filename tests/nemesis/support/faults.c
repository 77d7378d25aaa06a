/* Preloaded into a node: makes calls on chosen files fail or hang, while it runs.
 *
 * The file that NEMESIS_FAULTS names says which: one line "call errno text", where call is sync, read, write or end
 * (a read from memory finds the end of the file) and text is a part of the path. It is read at every call, so a test switches faults on and off by writing and removing it. A call
 * with errno 0 hangs for as long as the line is there; the first one that does makes the file NEMESIS_FAULTS.hangs.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static int path_of(int fd, char* path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, PATH_MAX - 1);
  if (n < 0)
    return 0;
  path[n] = 0;
  return 1;
}

/* The errno; 0: hangs; -1: none. */
static int fault(const char* where, const char* call, int fd) {
  FILE* faults = where ? fopen(where, "re") : NULL;
  if (!faults)
    return -1;
  char name[16], part[512], path[PATH_MAX];
  int number = 0, found = 0;
  while (!found && fscanf(faults, "%15s %d %511s", name, &number, part) == 3)
    found = strcmp(name, call) == 0 && path_of(fd, path) && strstr(path, part) != NULL;
  fclose(faults);
  return found ? number : -1;
}

static int fails(const char* call, int fd) {
  const char* where = getenv("NEMESIS_FAULTS");
  int number;
  while ((number = fault(where, call, fd)) == 0) {
    char hangs[PATH_MAX];
    snprintf(hangs, sizeof hangs, "%s.hangs", where);
    close(open(hangs, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    usleep(10000);
  }
  if (number > 0)
    errno = number;
  return number > 0;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fdatasync(int fd) { return fails("sync", fd) ? -1 : NEXT(fdatasync)(fd); }
int fsync(int fd) { return fails("sync", fd) ? -1 : NEXT(fsync)(fd); }
int syncfs(int fd) { return fails("sync", fd) ? -1 : NEXT(syncfs)(fd); }

ssize_t pread(int fd, void* to, size_t size, off_t at) {
  return fails("read", fd) ? -1 : NEXT(pread)(fd, to, size, at);
}
ssize_t pread64(int fd, void* to, size_t size, off64_t at) {
  return fails("read", fd) ? -1 : NEXT(pread64)(fd, to, size, at);
}
/* As Linux 5.9 and 5.10 may say of what is not in memory. */
static int ends_here(int fd) { return fault(getenv("NEMESIS_FAULTS"), "end", fd) >= 0; }

/* What hangs is on the disk only: who must not wait for it is told so. */
static int fails_at_once(int fd) {
  int number = fault(getenv("NEMESIS_FAULTS"), "read", fd);
  if (number >= 0)
    errno = number ? number : EAGAIN;
  return number >= 0;
}
ssize_t preadv2(int fd, const struct iovec* parts, int count, off_t at, int flags) {
  return ends_here(fd) ? 0 : fails_at_once(fd) ? -1 : NEXT(preadv2)(fd, parts, count, at, flags);
}
ssize_t preadv64v2(int fd, const struct iovec* parts, int count, off64_t at, int flags) {
  return ends_here(fd) ? 0 : fails_at_once(fd) ? -1 : NEXT(preadv64v2)(fd, parts, count, at, flags);
}
ssize_t pwritev(int fd, const struct iovec* parts, int count, off_t at) {
  return fails("write", fd) ? -1 : NEXT(pwritev)(fd, parts, count, at);
}
ssize_t pwritev64(int fd, const struct iovec* parts, int count, off64_t at) {
  return fails("write", fd) ? -1 : NEXT(pwritev64)(fd, parts, count, at);
}
