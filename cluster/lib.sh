# shellcheck shell=bash disable=SC2034
# What the scripts of this folder share; sourced, never run.
#   folders and names (overridable: CORRAL_RUN), messages, where each group's programs are, which cluster is in use
umask 022   # containerd makes the roots of containers with it: with 077 nobody but root would start anything in them
: "${HOME:?is not set; what is built is kept below it, by Go too}"
cluster=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(dirname "$cluster")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/corral
RUN=${CORRAL_RUN:-/run/corral}          # everything the local cluster writes
NAME=corral                             # prefix of its network namespaces and cgroups
chosen=$repo/target/cluster/context     # written by `up --context`: CONTEXT=… REGISTRY=… KUBECONFIG=…
images=$repo/target/images              # written by `images`: one OCI layout per image, and `digests`
groups=(kubernetes runtime network helm tools)

say() { echo "$*" >&2; }
fail() { say "cluster/$(basename "$0"): $*"; exit 1; }

# From 1.21 on Go fetches the version that a go.mod names, unless it is told to be local, as Debian's is.
export GOTOOLCHAIN=${GOTOOLCHAIN:-auto}
go_fits() { local version; version=$(GOTOOLCHAIN=local go version 2>/dev/null) && [[ $version =~ go1\.([0-9]+) ]] && ((BASH_REMATCH[1] >= 21)); }
need_go() {
  go_fits || fail "Go 1.26.6 is needed, or one from 1.21 on, which fetches it; here is: $(GOTOOLCHAIN=local go version 2>/dev/null || echo none). Install the package golang-go, or your system's way."
}

# A group's programs live in a folder named after everything that goes into them, so a change of a version,
# a source or the toolchain builds anew, and two checkouts never disturb each other.
folder() { case $1 in tools) echo "$cluster/tools" ;; *) echo "$cluster/programs/$1" ;; esac; }
bin() {
  local group=$1 sum
  sum=$(cd "$(folder "$group")" && { go env GOVERSION GOARCH; find . -type f ! -name '*_test.go' | LC_ALL=C sort | xargs sha256sum; } | sha256sum)
  echo "$cache/$group-${sum:0:16}"
}

# debian PACKAGE…: installs what is lacking, or says what to install.
debian() {
  local p missing=()
  for p in "$@"; do [[ $(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null) == installed* ]] || missing+=("$p"); done   # dpkg -s knows removed ones too
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null || fail "these programs are needed, by their Debian names: ${missing[*]}; install them and run this again."
  [ "$(id -u)" = 0 ] || fail "as root, run: apt-get install ${missing[*]}; then run this again."
  say "installing ${missing[*]}"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >&2 ||
    fail "apt-get could not install: ${missing[*]}."
}

# Which cluster kubectl, helm and load mean: sets CONTEXT (empty: the local one), REGISTRY and, for a cluster of yours, KUBECONFIG.
which_cluster() {
  CONTEXT='' REGISTRY=''
  if [ -f "$chosen" ]; then . "$chosen"; export KUBECONFIG
  elif [ ! -f "$RUN/kubeconfig" ]; then fail "no cluster is up: run cluster/up, or cluster/up --context NAME --registry HOST/PATH to use one of yours."
  fi
}

# --- the local cluster: what up and down must agree on

# Every process of the cluster, from etcd to the last plugin, lives below these cgroups: they are what down ends,
# whether or not whoever started them is still there to ask.
unified=/sys/fs/cgroup
[ -f $unified/cgroup.controllers ] || unified=   # cgroup v1
processes=${unified:-/sys/fs/cgroup/pids}/$NAME
# What Cilium and the kubelet set for the whole machine, and down sets back.
sysctls=(kernel.timer_migration kernel.unprivileged_bpf_disabled net.core.bpf_jit_enable
  vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys kernel.keys.root_maxbytes)

need_root_on_linux() {
  [ "$(uname -s)" = Linux ] || fail "the local cluster needs Linux; use a cluster of yours: cluster/up --context NAME --registry HOST/PATH."
  [ "$(id -u)" = 0 ] || fail "the local cluster needs root, for network namespaces and cgroups; run this as root, or use a cluster of yours: cluster/up --context NAME --registry HOST/PATH."
}
# one_at_a_time FILE: until this script ends; another one waits, in whatever checkout it is.
one_at_a_time() { exec 9>>"$1"; flock -n 9 || { say "cluster/$(basename "$0"): waiting for another one that holds $1"; flock -w 900 9 || fail "it is still held after 15 minutes"; }; }
# There is one cluster per machine, whatever CORRAL_RUN is: the lock of up and down says where. The file stays, since whoever waits has it open.
lock=/run/corral.lock
lock_machine() { # sets there, the folder of the last one
  one_at_a_time "$lock"
  there=$(<"$lock")
  [ "${there:-$RUN}" = "$RUN" ] || ! (RUN=$there; all_alive) || fail "the local cluster runs in $there; say CORRAL_RUN=$there to use or end it."
}
# A pid file holds the pid and the start time, because a number alone may belong to somebody else by now.
started_at() { sed -n 's/.*) [^Z] //p' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f19; }   # nothing for a dead one that nobody waited for
all_alive() { local file; for file in "$RUN"/*.pid; do alive "$file" || return; done; }
alive() { local pid start; read -r pid start 2>/dev/null <"$1" && [ -n "$start" ] && [ "$(started_at "$pid")" = "$start" ]; }

ctr() { "$(bin runtime)/ctr" -a "$RUN/containerd.sock" -n k8s.io "$@"; }
# import NAME LAYOUT: the local cluster then has corral.local/NAME@<digest of the index>, with nothing to pull.
import() {
  local words
  words=$(tar -C "$2" -cf - . | ctr images import --digests --base-name "corral.local/$1" - 2>&1) || fail "containerd does not take $2: $words"
}
