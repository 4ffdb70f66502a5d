package learn

import (
	"context"
	"time"

	"dev.corral/launcher/cgroup"
	"dev.corral/launcher/collect"
	"dev.corral/launcher/protocol"
)

const (
	memoryEvery = 20 * time.Millisecond
	diskEvery   = 250 * time.Millisecond
)

// Peaks is the most a run was seen to use. Memory is what cannot simply be reclaimed, as the limit counts it: the
// kernel's own peak has the page cache in it, which grows to any limit.
type Peaks struct {
	memory, disk, processes int64
	over                    chan struct{}
}

// MeasurePeaks looks until the context ends; ownThreads are not the handler's.
func MeasurePeaks(ctx context.Context, group cgroup.Group, work *collect.Root, diskLimit, ownThreads int64) *Peaks {
	p := &Peaks{over: make(chan struct{})}
	go func() {
		defer close(p.over)
		tick := time.NewTicker(memoryEvery)
		defer tick.Stop()
		var diskAt time.Time
		for {
			p.look(group, ownThreads)
			if time.Since(diskAt) >= diskEvery {
				p.weigh(work, diskLimit)
				diskAt = time.Now()
			}
			select {
			case <-ctx.Done():
				p.weigh(work, diskLimit) // what was written last
				return
			case <-tick.C:
			}
		}
	}()
	return p
}

func (p *Peaks) look(group cgroup.Group, ownThreads int64) {
	if used, known := group.WorkingSet(); known {
		p.memory = max(p.memory, used)
	}
	if count, known := group.Processes(); known {
		p.processes = max(p.processes, count-ownThreads)
	}
}

func (p *Peaks) weigh(work *collect.Root, limit int64) {
	if used, err := work.Usage(limit); err == nil {
		p.disk = max(p.disk, used)
	}
}

// Into writes the peaks into what was learned; the context must have ended.
func (p *Peaks) Into(learned *protocol.Learned) {
	<-p.over
	learned.MemoryBytes, learned.DiskBytes, learned.Processes = p.memory, p.disk, p.processes
}
