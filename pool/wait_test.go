package pool

import (
	"context"
	"errors"
	"math"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
)

// waiting starts a call of WaitForRoom and returns its result.
func waiting(ctx context.Context, p *Pool, n, limit int64) <-chan error {
	result := make(chan error, 1)
	go func() { result <- p.WaitForRoom(ctx, n, limit) }()
	return result
}

// blocks reports whether there is no result once all that can happen has happened.
func blocks(result <-chan error) bool {
	synctest.Wait()
	return len(result) == 0
}

func TestWaitReturnsAtOnceWithRoom(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	for _, c := range []struct {
		lent     int
		n, limit int64
	}{
		{0, 0, 0},
		{0, 1, 4 * mib},
		{0, math.MaxInt64, 1},
		{1 * mib, 5 * mib, 2 * mib}, // alone
		{2 * mib, 2 * mib, 4 * mib}, // exactly full
		{3 * mib, 0, 3 * mib},
		{3 * mib, 1, math.MaxInt64},
	} {
		var p Pool
		b := p.Get(c.lent)
		if err := p.WaitForRoom(ended, c.n, c.limit); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
		b.Release()
	}
}

func TestWaitBlocksUntilThereIsRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pool
		large, medium, small := p.Get(3*mib), p.Get(2*mib), p.Get(0)
		result := waiting(t.Context(), &p, 1*mib, 3*mib)
		if !blocks(result) {
			t.Fatal("goes on without room")
		}
		small.Release()
		large.Retain().Release()
		if !blocks(result) {
			t.Fatal("goes on though 5 MiB are lent")
		}
		large.Release()
		if blocks(result) {
			t.Fatal("blocks though there is room")
		}
		if err := <-result; err != nil {
			t.Error(err)
		}
		medium.Release()
		assertNothingLent(t, &p)
		assertNobodyWaits(t, &p)
	})
}

func TestWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pool
		b := p.Get(2 * mib)
		ctx, cancel := context.WithCancel(t.Context())
		first, other := waiting(ctx, &p, 1, 2*mib), waiting(t.Context(), &p, 1, 2*mib)
		if !blocks(first) {
			t.Fatal("goes on without room")
		}
		cancel()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Errorf("returns %v", err)
		}
		if err := p.WaitForRoom(ctx, 1, 2*mib); !errors.Is(err, context.Canceled) {
			t.Errorf("with a context that has ended: %v", err)
		}
		b.Release()
		if err := <-other; err != nil {
			t.Errorf("the other one returns %v", err)
		}
		assertNobodyWaits(t, &p)
	})
}

func TestMessageLargerThanTheLimitPassesAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pool
		kept, other := p.Get(mib), p.Get(0)
		result := waiting(t.Context(), &p, 50*mib, 8*mib)
		if !blocks(result) {
			t.Fatal("passes beside 1 MiB and 4 KiB")
		}
		other.Release()
		if err := <-result; err != nil {
			t.Error(err)
		}
		kept.Release()
		assertNobodyWaits(t, &p)
	})
}

func TestGrowIntoLessMemoryWakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pool
		b := p.Get(3 * mib)
		result := waiting(t.Context(), &p, 1, 3*mib)
		b.B = nil
		if !blocks(result) {
			t.Fatal("goes on without room")
		}
		b.Grow(1)
		if err := <-result; err != nil {
			t.Error(err)
		}
		b.Release()
	})
}

func TestReleaseWakesAllThatHaveRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pool
		first, second := p.Get(4*mib), p.Get(4*mib)
		var modest, greedy []<-chan error
		for range 20 {
			modest = append(modest, waiting(t.Context(), &p, 4*mib, 8*mib))
			greedy = append(greedy, waiting(t.Context(), &p, 5*mib, 8*mib))
		}
		synctest.Wait()
		first.Release()
		synctest.Wait()
		for i := range modest {
			if len(modest[i]) != 1 || len(greedy[i]) != 0 {
				t.Errorf("half is free: %d of those who need half go on, %d who need more", len(modest[i]), len(greedy[i]))
			}
		}
		second.Release()
		for i := range greedy {
			<-modest[i]
			<-greedy[i]
		}
		assertNobodyWaits(t, &p)
	})
}

// In a bubble of synctest a lost wake-up is a deadlock, which fails the test. Only the count of
// bytes changes, no memory, so that waiting and returning meet closely and often.
func TestNoWakeUpIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pool
		var results [8]<-chan error
		for range 2000 {
			p.charge(2 * mib)
			for i := range results {
				results[i] = waiting(t.Context(), &p, 1, 1)
			}
			p.charge(-2 * mib)
			for _, result := range results {
				if err := <-result; err != nil {
					t.Fatal(err)
				}
			}
		}
		assertNobodyWaits(t, &p)
	})
}

func TestManyBorrowersAllHaveTheirTurn(t *testing.T) {
	const borrowers, rounds, size, limit = 8, 100, 256 * kib, 2 * mib
	synctest.Test(t, func(t *testing.T) {
		var p Pool
		var all sync.WaitGroup
		for range borrowers {
			all.Go(func() {
				for range rounds {
					if err := p.WaitForRoom(t.Context(), 2*size, limit); err != nil {
						t.Error(err)
					}
					b := p.Get(size)
					runtime.Gosched()
					b.B = b.B[:size]
					b.Grow(1)
					b.Release()
				}
			})
		}
		all.Wait()
		assertNothingLent(t, &p)
		assertNobodyWaits(t, &p)
	})
}

func assertNobodyWaits(t *testing.T, p *Pool) {
	t.Helper()
	synctest.Wait()
	if n := p.waiters.length.Load(); n != 0 || len(p.waiters.all) != 0 {
		t.Errorf("%d of %d wait at the end", n, len(p.waiters.all))
	}
}
