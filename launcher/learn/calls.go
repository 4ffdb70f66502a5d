// Package learn watches what a handler tries, call by call, and answers "go on" to everything: it records, it never
// decides. The kernel hands over the numbers of a call before the call is made; what they point at is read from the
// caller's memory. A caller may change that memory before the kernel reads it again, so a record may be fooled by a
// plugin about itself – which is why nothing is ever allowed or refused by it.
package learn

import "golang.org/x/sys/unix"

// call says where the arguments of one system call are. Directories and paths come in pairs; atCwd stands for the
// working directory in calls that have no argument for one.
type call struct {
	does  deed
	at    []place
	flags int // of an open: which argument holds them
}

type place struct{ dir, path int }

type deed int

const (
	opens    deed = iota // flags are in an argument
	opensHow             // flags are in a struct open_how
	creates
	executes
	changes  // makes, removes or renames what the paths name
	rewrites // changes what is in a file that is there
	connects // at[0].path is the argument with the address, flags the one with its length
	sends    // at[0].path is the argument with a struct msghdr
)

const atCwd = -1

// calls are the system calls to be told of, by number.
var calls = merge(map[uint32]call{
	unix.SYS_OPENAT:    {opens, []place{{0, 1}}, 2},
	unix.SYS_OPENAT2:   {opensHow, []place{{0, 1}}, 2},
	unix.SYS_EXECVE:    {executes, []place{{atCwd, 0}}, 0},
	unix.SYS_EXECVEAT:  {executes, []place{{0, 1}}, 0},
	unix.SYS_MKDIRAT:   {changes, []place{{0, 1}}, 0},
	unix.SYS_MKNODAT:   {changes, []place{{0, 1}}, 0},
	unix.SYS_UNLINKAT:  {changes, []place{{0, 1}}, 0},
	unix.SYS_RENAMEAT:  {changes, []place{{0, 1}, {2, 3}}, 0},
	unix.SYS_RENAMEAT2: {changes, []place{{0, 1}, {2, 3}}, 0},
	unix.SYS_LINKAT:    {changes, []place{{0, 1}, {2, 3}}, 0},
	unix.SYS_SYMLINKAT: {changes, []place{{1, 2}}, 0},
	unix.SYS_TRUNCATE:  {rewrites, []place{{atCwd, 0}}, 0},
	unix.SYS_CONNECT:   {connects, []place{{atCwd, 1}}, 2},
	unix.SYS_SENDTO:    {connects, []place{{atCwd, 4}}, 5},
	unix.SYS_SENDMSG:   {sends, []place{{atCwd, 1}}, 0},
	unix.SYS_SENDMMSG:  {sends, []place{{atCwd, 1}}, 0},
}, ofThisMachine)

func merge(all, more map[uint32]call) map[uint32]call {
	for number, c := range more {
		all[number] = c
	}
	return all
}

// Numbers of the system calls to be told of, and for each the argument without which it tells nothing, or -1: a send
// without an address goes where the socket is connected to already.
func Numbers() map[uint32]int {
	numbers := map[uint32]int{}
	for number := range calls {
		numbers[number] = -1
	}
	numbers[unix.SYS_SENDTO] = 4
	return numbers
}
