package supervise

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"dev.corral/launcher/cgroup"
	"dev.corral/launcher/collect"
	"dev.corral/launcher/protocol"
)

const (
	memoryEvery = 50 * time.Millisecond
	diskEvery   = 250 * time.Millisecond
	cpuFloor    = 10 * time.Millisecond
	cpuCeiling  = time.Second
	// A walk may take at most a tenth of the time, however many files there are: the container's CPU is the handler's.
	diskShare = 10
)

// WatchMemory ends the run a little below the limit, while there is still memory to collect and report with.
// Beyond it the kernel kills, on cgroup v2 the launcher too.
func WatchMemory(ctx context.Context, group cgroup.Group, limit int64, stops chan<- Stop) {
	threshold := limit - max(4<<20, limit/20)
	tick := time.NewTicker(memoryEvery)
	defer tick.Stop()
	for {
		if used, known := group.WorkingSet(); known && used > threshold {
			order(ctx, stops, Stop{Reason: protocol.MemoryExceeded,
				Message: fmt.Sprintf("%d MiB used of %d MiB", used>>20, limit>>20)})
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// WatchCPU ends the run once it has used its processor time. It looks again when the run could have used up the rest on all
// cores at once, so that the overshoot stays below cpuFloor for each core. There is no grace: spent is spent.
func WatchCPU(ctx context.Context, used func() time.Duration, budget time.Duration, stops chan<- Stop) {
	for {
		left := budget - used()
		if left <= 0 {
			order(ctx, stops, Stop{Reason: protocol.CPUTimeExceeded,
				Message: fmt.Sprintf("%.2f s of processor time used of %v", (budget - left).Seconds(), budget)})
			return
		}
		if !pause(ctx, min(max(left/time.Duration(runtime.NumCPU()), cpuFloor), cpuCeiling)) {
			return
		}
	}
}

// WatchDisk adds up what lies below the scratch directory. It does not ask the file system, which may be the node's.
func WatchDisk(ctx context.Context, work *collect.Root, limit int64, stops chan<- Stop) {
	next := diskEvery
	for pause(ctx, next) {
		began := time.Now()
		used, err := work.Usage(limit)
		if err != nil {
			order(ctx, stops, Stop{Reason: protocol.DiskExceeded, Message: err.Error()})
			return
		}
		if used > limit {
			order(ctx, stops, Stop{Reason: protocol.DiskExceeded, Message: fmt.Sprintf("more than %d MiB used", limit>>20)})
			return
		}
		next = max(diskEvery, diskShare*time.Since(began))
	}
}

// pause is false where it was cut short.
func pause(ctx context.Context, length time.Duration) bool {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

func order(ctx context.Context, stops chan<- Stop, stop Stop) {
	select {
	case stops <- stop:
	case <-ctx.Done():
	}
}
