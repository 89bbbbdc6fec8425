/*
 * Answers every datagram with itself, as fast as the kernel allows: what a server is measured against.
 *   echo single   one system call for each datagram received and each sent
 *   echo mmsg     as many datagrams a call as are waiting
 *   echo sink     takes as many a call as are waiting, and answers none
 * Listens on a free port of 127.0.0.1, says which, and ends with its standard input.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 64, ROOM = 2048, RECEIVE_BUFFER = 4 << 20 };

static char bytes[BATCH][ROOM];
static struct sockaddr_in names[BATCH];
static struct iovec parts[BATCH];
static struct mmsghdr messages[BATCH];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int open_socket(void) {
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof here;
  int size = RECEIVE_BUFFER;
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here) < 0) fail("bind");
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (getsockname(fd, (struct sockaddr *)&here, &length) < 0) fail("getsockname");
  printf("%d\n", ntohs(here.sin_port));
  fflush(stdout);
  return fd;
}

static void echo_single(int fd) {
  for (;;) {
    socklen_t length = sizeof names[0];
    ssize_t size = recvfrom(fd, bytes[0], ROOM, 0, (struct sockaddr *)&names[0], &length);
    if (size >= 0) sendto(fd, bytes[0], size, 0, (struct sockaddr *)&names[0], length);
  }
}

static void echo_mmsg(int fd, int answers) {
  /* Whole or not at all: the kernel need not number what is never sent in fragments. */
  int whole = IP_PMTUDISC_DO;
  setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &whole, sizeof whole);
  for (;;) {
    for (int index = 0; index < BATCH; index++) {
      parts[index] = (struct iovec){bytes[index], ROOM};
      messages[index].msg_hdr = (struct msghdr){
          .msg_name = &names[index], .msg_namelen = sizeof names[0], .msg_iov = &parts[index], .msg_iovlen = 1};
    }
    int count = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
    if (!answers) continue;
    for (int index = 0; index < count; index++) parts[index].iov_len = messages[index].msg_len;
    for (int sent = 0, step; sent < count; sent += step) {
      step = sendmmsg(fd, messages + sent, count - sent, 0);
      if (step <= 0) step = 1;
    }
  }
}

static void *end_with_input(void *unused) {
  char byte;
  while (read(0, &byte, 1) > 0) continue;
  exit(0);
  return unused;
}

int main(int count, char **arguments) {
  pthread_t watcher;
  const char *mode = count > 1 ? arguments[1] : "";
  pthread_create(&watcher, NULL, end_with_input, NULL);
  int fd = open_socket();
  if (strcmp(mode, "single") == 0) echo_single(fd);
  else if (strcmp(mode, "mmsg") == 0) echo_mmsg(fd, 1);
  else if (strcmp(mode, "sink") == 0) echo_mmsg(fd, 0);
  fprintf(stderr, "usage: echo single|mmsg|sink\n");
  return 2;
}
