package sandbox

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"dev.corral/launcher/cgroup"
	"dev.corral/launcher/protocol"
)

// Measure reads what the runtime has really done to this process, from the kernel and not from any configuration.
func Measure(group cgroup.Group) protocol.Evidence {
	status := fields("/proc/self/status")
	seccomp, _ := strconv.Atoi(status["Seccomp"])
	evidence := protocol.Evidence{
		Launcher:   protocol.Version,
		UID:        os.Getuid(),
		UIDMap:     firstLine("/proc/self/uid_map"),
		CapEff:     status["CapEff"],
		NoNewPrivs: status["NoNewPrivs"] == "1",
		Seccomp:    seccomp,
		PidsMax:    group.PidsMax(),
		Cgroup:     group.Version,
	}
	var root unix.Statfs_t
	if unix.Statfs("/", &root) == nil {
		evidence.RootReadOnly = root.Flags&unix.ST_RDONLY != 0
	}
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		evidence.Kernel = unix.ByteSliceToString(name.Release[:])
	}
	return evidence
}

// Threads is how many tasks this process counts for in RLIMIT_NPROC, which the kernel keeps per user.
func Threads() int64 {
	count, _ := strconv.ParseInt(fields("/proc/self/status")["Threads"], 10, 64)
	return count
}

func fields(path string) map[string]string {
	text, _ := os.ReadFile(path)
	found := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok {
			found[name] = strings.TrimSpace(value)
		}
	}
	return found
}

// firstLine with its columns one space apart.
func firstLine(path string) string {
	text, _ := os.ReadFile(path)
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.Join(strings.Fields(line), " ")
}
