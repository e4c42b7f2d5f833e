package link

import (
	"context"
	"encoding/json"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/socket"
)

// A Login is what the server says about the login of a session.
type Login struct {
	// User is a name or a public key, Account a name or the public key of one. Both may be empty.
	User, Account string
	// Ends is when the server will end the login. The zero time means never, or that it does not
	// say.
	Ends time.Time
	// Ahead is how far the clock of the server is ahead of ours, with an error of Unsure either
	// way. Clock reports whether the server has told its time.
	Ahead, Unsure time.Duration
	Clock         bool

	may *permissions // nil: everything
}

// Login asks the server what it knows about the login. It blocks for probeTimeout/2 at most. The
// error is errNotTold, or why there was no answer. A denial of the question is not counted, but the
// server writes it to its log.
func (s *Session) Login(ctx context.Context) (*Login, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout/2)
	defer cancel()
	asked := time.Now()
	sub, err := s.askInfo(ctx)
	if sub != nil {
		defer func() { _ = sub.Unsubscribe() }() // fails only with the connection
	}
	if err != nil {
		return nil, err
	}
	login, err := s.readInfo(ctx, sub, asked)
	if err == nil {
		s.told.Store(login)
	}
	return login, err
}

// Apart returns how far the clocks of the server and of this host are apart at least. It is 0 if
// the server has not told its time.
func (l *Login) Apart() time.Duration {
	if !l.Clock {
		return 0
	}
	return max(0, l.Ahead.Abs()-l.Unsure)
}

// readInfo waits for the answer of the server that s is connected to. Others may answer, too.
func (s *Session) readInfo(ctx context.Context, sub *nats.Subscription, asked time.Time) (*Login, error) {
	ctx, cancel := context.WithTimeout(ctx, infoTimeout)
	defer cancel()
	for {
		m, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			return nil, err
		}
		var answer userInfoAnswer
		switch err := json.Unmarshal(m.Data, &answer); {
		case err != nil, answer.Data == nil:
			return nil, errNotTold
		case answer.Server.ID == s.Conn.ConnectedServerId():
			return answer.login(asked, time.Now()), nil
		}
	}
}

// userInfoAnswer is what a server answers at userInfo.
type userInfoAnswer struct {
	Server struct {
		ID   string    `json:"id"`
		Time time.Time `json:"time"`
	} `json:"server"`
	Data *struct {
		User        string        `json:"user"`
		UserName    string        `json:"user_name"`
		Account     string        `json:"account"`
		AccountName string        `json:"account_name"`
		Permissions *permissions  `json:"permissions"`
		Expires     time.Duration `json:"expires"` // what is left
	} `json:"data"`
}

// login is the answer to a question that was asked then and answered now.
func (a userInfoAnswer) login(then, now time.Time) *Login {
	l := &Login{
		User: socket.Clip(either(a.Data.UserName, a.Data.User)), Account: socket.Clip(either(a.Data.AccountName, a.Data.Account)),
		may: a.Data.Permissions,
	}
	if a.Data.Expires > 0 {
		l.Ends = now.Add(a.Data.Expires)
	}
	if l.Clock = !a.Server.Time.IsZero(); l.Clock {
		l.Unsure = now.Sub(then) / 2
		l.Ahead = a.Server.Time.Sub(then) - l.Unsure
	}
	return l
}

// either returns name, and behind it what else it goes by.
func either(name, other string) string {
	if name == "" || name == other {
		return other
	}
	return name + " (" + other + ")"
}
