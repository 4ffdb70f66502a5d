package proxy

import (
	"context"
	"sync"
	"time"
)

// pace lets so many through at once, and then one per interval.
type pace struct {
	mu       sync.Mutex
	interval time.Duration
	whole    time.Duration
	emptyAt  time.Time
}

func newPace(burst int, interval time.Duration) *pace {
	return &pace{interval: interval, whole: time.Duration(burst) * interval}
}

// take one and say how long to wait for it.
func (p *pace) take(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if full := now.Add(-p.whole); p.emptyAt.Before(full) {
		p.emptyAt = full
	}
	p.emptyAt = p.emptyAt.Add(p.interval)
	return max(0, p.emptyAt.Sub(now))
}

func (p *pace) wait(ctx context.Context) error {
	select {
	case <-time.After(p.take(time.Now())):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
