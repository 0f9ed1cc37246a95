// Command pintle-proxy stands between a client and an API server, on a free port of the loopback address and without
// TLS. It counts requests, and does to them what its owner says in JSON lines on stdin: see faults.go. It prints one
// JSON line when it is ready and one for each answer and event, and ends when its stdin closes.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
)

func main() {
	config := flag.String("kubeconfig", "", "the API server and whoever asks it: a kubeconfig as JSON")
	flag.Parse()
	if err := serve(*config); err != nil {
		fmt.Fprintln(os.Stderr, "pintle-proxy:", err)
		os.Exit(1)
	}
}

func serve(config string) error {
	printer := &printer{}
	proxy, err := newProxy(config, printer)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	printer.print(map[string]any{"address": listener.Addr().String()})
	failed := make(chan error, 1)
	go func() { failed <- http.Serve(listener, proxy) }()
	go func() { failed <- proxy.obey(bufio.NewScanner(os.Stdin), printer) }()
	return <-failed
}

// printer writes whole lines, whoever asks.
type printer struct{ mutex sync.Mutex }

func (p *printer) print(line any) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	// Whoever no longer reads has closed stdin too.
	_ = json.NewEncoder(os.Stdout).Encode(line)
}
