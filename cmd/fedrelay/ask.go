package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/service"
)

// askFlags are those of verbs that ask once.
func askFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "json", Aliases: []string{"j"}, Usage: "print JSON", HideDefault: true},
		&cli.DurationFlag{
			Name: "timeout", Usage: "`TIME` to wait for the next answer", Value: 2 * time.Second, Validator: atLeast(10 * time.Millisecond),
		},
	}
}

// answers are what the instances of all clusters have answered to a question.
type answers[T any] struct {
	all    []T
	counts map[string]int // of all, by cluster
	odd    []error        // that are no documents
}

// askAll asks the instances of all clusters at once. It blocks for patience after the last answer.
func askAll[T any](ctx context.Context, o *operator, verb string, question any, patience time.Duration) (answers[T], error) {
	found := answers[T]{counts: map[string]int{}}
	var mu sync.Mutex
	var asking sync.WaitGroup
	errs := make([]error, len(o.clusters))
	for i, cluster := range o.clusters {
		asking.Go(func() {
			odd := service.OnOdd(func(err error) {
				mu.Lock()
				defer mu.Unlock()
				found.odd = append(found.odd, fmt.Errorf("cluster %s: %w", cluster, err))
			})
			all, err := service.Ask[T](ctx, o.session.Conn, cluster, verb, question, patience, odd)
			mu.Lock()
			defer mu.Unlock()
			found.all, errs[i] = append(found.all, all...), err
			found.counts[cluster] = len(all)
		})
	}
	asking.Wait()
	return found, o.withRights(errors.Join(errs...))
}

// withRights adds to a denial what to do about it. It names no right of the other kind: where there
// is no list of those yet, one would take away all that is not in it.
func (o *operator) withRights(err error) error {
	var denied *link.DeniedError
	if !errors.As(err, &denied) {
		return err
	}
	remedy := `add to the list in the permissions of this user: subscribe: { allow: ["_INBOX.>"] }`
	if denied.Publish {
		remedy = `add to the list in the permissions of this user: publish: { allow: ["choria.federation.*.fedrelay.*"] }`
	}
	if o.session.Choria() {
		remedy = "make this token with --publish 'choria.federation.*.fedrelay.*'"
	}
	return fmt.Errorf("%w; %s (fedrelay config permissions prints all that operators need)", err, remedy)
}

// warn prints odd answers, each text once.
func (a answers[T]) warn(w io.Writer) {
	var said []string
	for _, err := range a.odd {
		if text := err.Error(); !slices.Contains(said, text) {
			said = append(said, text)
			fmt.Fprintln(w, "fedrelay: warning:", text)
		}
	}
}

// nobody is the error for a question that no instance has answered.
func (o *operator) nobody() error {
	return fmt.Errorf("no instance of cluster %s answers; is it the network that the clients connect to (%s)?",
		strings.Join(o.clusters, ", "), o.session.URL())
}
