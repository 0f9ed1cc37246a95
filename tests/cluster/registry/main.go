// Command pintle-registry is an OCI registry (CNCF distribution) that keeps everything in memory, on a free
// port of the loopback address. It prints one JSON line when it is ready and ends when its stdin closes.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/distribution/distribution/v3/configuration"
	_ "github.com/distribution/distribution/v3/registry/auth/htpasswd"
	_ "github.com/distribution/distribution/v3/registry/auth/token"
	"github.com/distribution/distribution/v3/registry/handlers"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/inmemory"
	"github.com/sirupsen/logrus"
)

type options struct {
	auth     string
	user     string
	password string
	tls      bool
}

// ready is what the registry prints once it can be used.
type ready struct {
	Address string `json:"address"`
	// CA is the certificate that signed the registry's, in PEM; empty without TLS.
	CA string `json:"ca,omitempty"`
}

func main() {
	var o options
	credentials := flag.String("credentials", "user:password", "the one account, for --auth basic and token")
	flag.StringVar(&o.auth, "auth", "none", "none, basic or token")
	flag.BoolVar(&o.tls, "tls", false, "serve HTTPS with a certificate made for it")
	flag.Parse()
	o.user, o.password, _ = strings.Cut(*credentials, ":")
	if err := serve(o); err != nil {
		fmt.Fprintln(os.Stderr, "pintle-registry:", err)
		os.Exit(1)
	}
}

func serve(o options) error {
	// Requests that are refused on purpose would otherwise fill the tests' output.
	logrus.SetLevel(logrus.PanicLevel)
	dir, err := os.MkdirTemp("", "pintle-registry-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	address := listener.Addr().String()
	certificate, err := newCertificate()
	if err != nil {
		return err
	}
	scheme, ca := "http", ""
	if o.tls {
		scheme, ca = "https", string(certificate.pem)
		listener = certificate.listener(listener)
	}
	mux := http.NewServeMux()
	auth, err := o.configureAuth(mux, dir, scheme+"://"+address, certificate)
	if err != nil {
		return err
	}
	mux.Handle("/", newApp(auth))
	failed := make(chan error, 1)
	go func() { failed <- http.Serve(listener, mux) }()
	if err := json.NewEncoder(os.Stdout).Encode(ready{address, ca}); err != nil {
		return err
	}
	go func() {
		// An error ends stdin as well as its end does.
		_, _ = io.Copy(io.Discard, os.Stdin)
		failed <- nil
	}()
	return <-failed
}

func newApp(auth configuration.Auth) http.Handler {
	config := &configuration.Configuration{
		Storage: configuration.Storage{
			"inmemory":    nil,
			"delete":      {"enabled": true},
			"maintenance": {"uploadpurging": map[any]any{"enabled": false}},
		},
		Auth: auth,
	}
	config.Log.AccessLog.Disabled = true
	config.HTTP.Secret = "one registry, so nothing is shared under it"
	return handlers.NewApp(context.Background(), config)
}
