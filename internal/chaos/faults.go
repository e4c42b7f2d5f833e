package chaos

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Faults are all that happen in `make chaos`, in order.
func Faults() []Fault {
	return []Fault{Restarts, killed, collectiveRestarts, collectiveKilled, federationRestarts, cuts, stopped, slow, fullDisk, fewDescriptors, littleMemory}
}

// Restarts is an upgrade of all instances, one after the other, again and again.
var Restarts = Fault{
	Name: "rolling restarts", What: "one of three instances after the other gets SIGTERM, and another takes its place",
	Lossless: true,
	happens: func(w *world) (int, error) {
		n := 0
		for n < w.options.Restarts {
			if err := w.replaced(w.relays[n%len(w.relays)]); err != nil {
				return n, err
			}
			n++
		}
		for w.generator.Live().Replies < w.options.Replies && w.ctx.Err() == nil {
			pause(w.ctx, 100*time.Millisecond)
		}
		return n, nil
	},
}

// killed has a bound: what was on its way through the instance.
var killed = Fault{
	Name: "kill -9", What: "an instance gets SIGKILL, and another takes its place",
	LostAtMost: 50 * time.Millisecond,
	happens: func(w *world) (int, error) {
		w.killed = true
		const times = 10
		for i := range times {
			r := w.relays[i%len(w.relays)]
			r.process.Kill()
			r.http = ""
			pause(w.ctx, 200*time.Millisecond)
			if err := r.start(w.ctx); err != nil {
				return i, err
			}
		}
		return times, nil
	},
}

// noticed returns an error unless some relay has counted something.
func noticed(w *world, metric, label string) error {
	var sum float64
	for _, r := range w.relays {
		n, err := r.metric(metric, label)
		if err != nil {
			return err
		}
		sum += n
	}
	if sum == 0 {
		return fmt.Errorf("no relay has noticed: %s with %s is 0", metric, label)
	}
	return nil
}

// disconnects says that connections must have ended.
func disconnects(w *world) error {
	return noticed(w, "fedrelay_connection_events_total", `event="disconnected"`)
}

// again lets something happen three times.
func again(w *world, what func() error) (int, error) {
	const times = 3
	for i := range times {
		if err := what(); err != nil {
			return i, err
		}
		if err := w.allReady(); err != nil {
			return i, err
		}
		pause(w.ctx, 300*time.Millisecond)
	}
	return times, nil
}

func restarted(w *world, s *natsServer, kill bool) (int, error) {
	return again(w, func() error {
		if kill {
			s.process.Kill()
		} else if err := s.stop(); err != nil {
			return err
		}
		pause(w.ctx, 300*time.Millisecond)
		return s.start(w.ctx)
	})
}

var collectiveRestarts = Fault{
	Name: "restart of the collective", What: "the only NATS server of the collective is stopped, and started 0.3 s later",
	Servers:  true,
	happens:  func(w *world) (int, error) { return restarted(w, &w.collective, false) },
	happened: disconnects,
}

var collectiveKilled = Fault{
	Name: "kill -9 of the collective", What: "the same with SIGKILL",
	Servers:  true,
	happens:  func(w *world) (int, error) { return restarted(w, &w.collective, true) },
	happened: disconnects,
}

var federationRestarts = Fault{
	Name: "restart of the federation", What: "the only NATS server of the federation is stopped, and started 0.3 s later",
	Servers:  true,
	happens:  func(w *world) (int, error) { return restarted(w, &w.federation, false) },
	happened: disconnects,
}

// cuts has the bound of killed: the same is on its way.
var cuts = Fault{
	Name: "cuts", What: "all connections of an instance to one side are reset",
	LostAtMost: 50 * time.Millisecond,
	happens: func(w *world) (int, error) {
		const times = 10
		dice := rand.New(rand.NewPCG(1, 2))
		for i := range times {
			w.relays[dice.IntN(len(w.relays))].ways[dice.IntN(2)].cut()
			pause(w.ctx, 50*time.Millisecond+time.Duration(dice.IntN(100))*time.Millisecond)
			if err := w.allReady(); err != nil { // one at a time: others serve
				return i, err
			}
		}
		return times, nil
	},
	happened: disconnects,
}

// standstill stops one instance for a while.
func standstill(w *world, d time.Duration) (int, error) {
	n := 0
	times, err := again(w, func() error {
		r := w.relays[n%len(w.relays)]
		n++
		r.process.Signal(syscall.SIGSTOP)
		pause(w.ctx, d)
		r.process.Signal(syscall.SIGCONT)
		return nil
	})
	return times, err
}

var stopped = Fault{
	Name: "standstill", What: "an instance gets SIGSTOP, and SIGCONT 1.5 s later",
	Lossless: true,
	happens:  func(w *world) (int, error) { return standstill(w, 1500*time.Millisecond) },
}

var slow = Fault{
	Name: "slow consumer", What: "an instance stands still for 3 s, and servers wait for 1 s only, so they cut it off",
	Servers: true, Deadline: time.Second, ReplyBytes: 4 << 10,
	happens:  func(w *world) (int, error) { return standstill(w, 3*time.Second) },
	happened: disconnects,
}

// lasts lets requests go on for a while. What is wrong is so from the start.
func lasts(w *world) (int, error) {
	pause(w.ctx, 5*time.Second)
	return 1, w.ctx.Err()
}

var fullDisk = Fault{
	Name: "full disk", What: "the log and a profile go to a disk that is full",
	Lossless: true, Mute: true,
	// The log says much, so that there is something that cannot be written.
	Wrap:    `exec "$@" 2>{dir}/full/log`,
	Flags:   []string{"--log-level", "debug", "--profile", "cpu", "--profile-dir", "{dir}/full"},
	prepare: fillDisk,
	happens: func(w *world) (int, error) {
		if _, err := lasts(w); err != nil {
			return 0, err
		}
		// An instance can be replaced all the same.
		return 1, w.replaced(w.relays[0])
	},
	happened: func(w *world) error {
		log, err := os.OpenFile(filepath.Join(w.dir, "full", "log"), os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			return err
		}
		defer log.Close()
		if _, err := log.Write(make([]byte, 64<<10)); !errors.Is(err, syscall.ENOSPC) {
			return fmt.Errorf("the disk is not full: %w", err)
		}
		return nil
	},
}

// fillDisk mounts a disk of a mebibyte, and fills it. Without the right to mount it takes a device
// that is always full for the log.
func fillDisk(w *world) (tidy func(), err error) {
	full := filepath.Join(w.dir, "full")
	if err := os.Mkdir(full, 0o700); err != nil {
		return nil, err
	}
	if err := mount(full); err != nil {
		return func() {}, os.Symlink("/dev/full", filepath.Join(full, "log"))
	}
	tidy = func() { unmount(full) }
	// The log must be there, and not a byte be left.
	if err := os.WriteFile(filepath.Join(full, "log"), nil, 0o600); err != nil {
		return tidy, err
	}
	_ = os.WriteFile(filepath.Join(full, "fill"), make([]byte, 2<<20), 0o600) // fails at the end
	return tidy, nil
}

var fewDescriptors = Fault{
	Name: "few descriptors", What: "an instance may open 64 files, and somebody opens all the HTTP connections there are",
	Lossless: true,
	Wrap:     `ulimit -n 64; exec "$@"`,
	happens: func(w *world) (int, error) {
		var open []net.Conn
		defer func() {
			for _, c := range open {
				c.Close()
			}
		}()
		for _, r := range w.relays {
			for range 100 {
				if c, err := net.Dial("tcp", r.http); err == nil {
					open = append(open, c)
				}
			}
		}
		return lasts(w)
	},
	happened: func(w *world) error { return noticed(w, "fedrelay_http_rejected_total", `reason="connections"`) },
}

var littleMemory = Fault{
	Name: "little memory", What: "instances have 48 MiB (GOMEMLIMIT and, as root, a control group), and replies 8 kB",
	Lossless: true,
	Wrap:     `GOMEMLIMIT=40MiB; export GOMEMLIMIT; {limit}exec "$@"`,
	Nodes:    500, ReplyBytes: 8 << 10,
	prepare: func(w *world) (tidy func(), err error) {
		groups, tidy := limitMemory(48<<20, len(w.relays))
		if groups != "" { // not everybody may make control groups
			w.limit = "echo $$ > " + groups + "{n}/cgroup.procs; "
		}
		return tidy, nil
	},
	happens: lasts,
	happened: func(w *world) error {
		for _, r := range w.relays {
			if limit, err := r.metric("go_memlimit_bytes", ""); err != nil || limit > 40<<20 {
				return fmt.Errorf("relay %d has a limit of %.0f bytes (%v)", r.number, limit, err)
			}
		}
		return nil
	},
}
