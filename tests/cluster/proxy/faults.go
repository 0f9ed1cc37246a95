package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"
)

// order is one line from the owner.
//
//	{"do":"trip","write":3,"after":true}   stop at the third write; after: the server has answered, the client not
//	{"do":"open"}                          drop what was stopped, and let everything pass again
//	{"do":"fault","kind":"reset","every":5,"after":false,"millis":0}
//	                                       cut, reset or delay every fifth request that changes or reads single objects
//	{"do":"counts"}                        answer with the counts since the last time, and begin anew
type order struct {
	Do     string `json:"do"`
	Write  int    `json:"write"`
	After  bool   `json:"after"`
	Kind   string `json:"kind"`
	Every  int    `json:"every"`
	Millis int    `json:"millis"`
}

var (
	errCut   = errors.New("cut")
	errReset = errors.New("reset")
)

// faults counts requests and decides what becomes of them.
type faults struct {
	printer  *printer
	mutex    sync.Mutex
	requests int
	writes   int
	by       map[string]int
	trip     order
	fault    order
	seen     int
	// stopped is closed when what was stopped is to be dropped; nil while everything passes.
	stopped chan struct{}
}

// mark is what a request carries to its answer.
type mark struct {
	tripAfter bool
	end       error
}

type markKey struct{}

func (p *proxy) obey(lines *bufio.Scanner, printer *printer) error {
	for lines.Scan() {
		var order order
		if err := json.Unmarshal(lines.Bytes(), &order); err != nil {
			return err
		}
		printer.print(p.faults.take(order))
	}
	return lines.Err()
}

func (f *faults) take(order order) any {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	switch order.Do {
	case "trip":
		f.trip, f.writes = order, 0
	case "fault":
		f.fault, f.seen = order, 0
	case "open":
		f.trip, f.fault = order, order
		if f.stopped != nil {
			close(f.stopped)
			f.stopped = nil
		}
	case "counts":
		counts := map[string]any{"requests": f.requests, "writes": f.writes, "by": f.by}
		f.requests, f.writes, f.by = 0, 0, map[string]int{}
		return counts
	}
	return map[string]any{}
}

// before counts a request and says how its connection is to end, if at once.
func (f *faults) before(request *http.Request) (*http.Request, error) {
	f.mutex.Lock()
	stopped := f.stopped
	if stopped != nil {
		f.mutex.Unlock()
		<-stopped
		return request, errCut
	}
	mark := &mark{}
	f.requests++
	f.by[request.Method+" "+resource(request)]++
	if isWrite(request) {
		f.writes++
		if f.trip.Do == "trip" && f.writes == f.trip.Write {
			if !f.trip.After {
				stopped := f.stop()
				f.mutex.Unlock()
				<-stopped
				return request, errCut
			}
			mark.tripAfter = true
		}
	}
	delay := f.due(request, mark)
	atOnce := !f.fault.After
	f.mutex.Unlock()
	time.Sleep(delay)
	if mark.end != nil && atOnce {
		return request, mark.end
	}
	return request.WithContext(context.WithValue(request.Context(), markKey{}, mark)), nil
}

// due says whether the fault's turn has come, and how long the request has to wait.
func (f *faults) due(request *http.Request, mark *mark) time.Duration {
	if f.fault.Do != "fault" || f.fault.Every == 0 || request.URL.Query().Has("watch") {
		return 0
	}
	f.seen++
	if f.seen%f.fault.Every != 0 {
		return 0
	}
	switch f.fault.Kind {
	case "cut":
		mark.end = errCut
	case "reset":
		mark.end = errReset
	case "delay":
		return time.Duration(f.fault.Millis) * time.Millisecond
	}
	return 0
}

// after holds back what the server answered, if that is what the owner wants.
func (f *faults) after(request *http.Request) error {
	mark, _ := request.Context().Value(markKey{}).(*mark)
	if mark == nil {
		return nil
	}
	if mark.tripAfter {
		f.mutex.Lock()
		stopped := f.stop()
		f.mutex.Unlock()
		<-stopped
		return errCut
	}
	return mark.end
}

// stop lets nothing pass any more and tells the owner.
func (f *faults) stop() chan struct{} {
	if f.stopped == nil {
		f.stopped = make(chan struct{})
		f.printer.print(map[string]any{"event": "tripped"})
	}
	return f.stopped
}

// isWrite tells requests that change something. Renewals of leases come when they please and would blur the count.
func isWrite(request *http.Request) bool {
	path, query := request.URL.Path, request.URL.Query()
	renewal := request.Method == http.MethodPut && strings.Contains(path, "/leases/")
	reading := strings.Contains(path, "/authorization.k8s.io/") || query.Has("dryRun")
	return request.Method != http.MethodGet && !renewal && !reading
}

// resource is the last word of a path that is no name: "secrets" of /api/v1/namespaces/a/secrets/b.
func resource(request *http.Request) string {
	words := strings.Split(strings.Trim(request.URL.Path, "/"), "/")
	if len(words) > 2 && words[0] == "api" {
		words = words[2:]
	} else if len(words) > 3 && words[0] == "apis" {
		words = words[3:]
	} else {
		return request.URL.Path
	}
	if len(words) > 2 && words[0] == "namespaces" {
		words = words[2:]
	}
	return words[0]
}
