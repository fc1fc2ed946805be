/** A root that lost its marks builds with other bits and no complaint: each is tried once before use. */

/** For /bin/sh: prints what is wrong and ends with 1, or says nothing. Checks only what is there. */
export const selfCheckScript = `
fail() { echo "$*"; exit 1; }
if command -v grep >/dev/null && grep -q '^build:' /etc/passwd 2>/dev/null; then
  test "$(id -un)" = build || fail "the user of builds has no name"
fi
test -d /tmp -a -w /tmp || fail "/tmp cannot be written"
if test -x /usr/bin/gcc; then
  cd /tmp && echo 'int main(void){return 0;}' > check.c
  cc check.c -o check || fail "cc cannot compile"
  ./check || fail "what cc made does not run"
fi
if test -x /usr/bin/dpkg-buildflags; then
  test -n "$(dpkg-buildflags --get CFLAGS)" || fail "dpkg-buildflags is empty"
fi
if test -e /usr/bin/mawk -o -e /usr/bin/gawk; then
  test "$(awk 'BEGIN{print 6*7}')" = 42 || fail "awk does not work"
fi
`;
