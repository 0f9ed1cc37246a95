package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"time"
)

// kubeconfig is what we read of one. Its data is base64, which is how JSON has bytes in Go.
type kubeconfig struct {
	Clusters []struct {
		Cluster struct {
			Server string `json:"server"`
			CA     []byte `json:"certificate-authority-data"`
		} `json:"cluster"`
	} `json:"clusters"`
	Users []struct {
		User struct {
			Certificate []byte `json:"client-certificate-data"`
			Key         []byte `json:"client-key-data"`
		} `json:"user"`
	} `json:"users"`
}

type proxy struct {
	forward *httputil.ReverseProxy
	faults  faults
}

func newProxy(path string, printer *printer) (*proxy, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var config kubeconfig
	if err := json.Unmarshal(text, &config); err != nil {
		return nil, err
	}
	if len(config.Clusters) == 0 || len(config.Users) == 0 {
		return nil, errors.New("the kubeconfig names no cluster or no user")
	}
	server, err := url.Parse(config.Clusters[0].Cluster.Server)
	if err != nil {
		return nil, err
	}
	user := config.Users[0].User
	certificate, err := tls.X509KeyPair(user.Certificate, user.Key)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(config.Clusters[0].Cluster.CA)
	transport := &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{certificate}},
		MaxIdleConnsPerHost: 256,
		IdleConnTimeout:     time.Minute,
		DisableCompression:  true,
	}
	p := &proxy{faults: faults{printer: printer, by: map[string]int{}}}
	p.forward = &httputil.ReverseProxy{
		Rewrite:       func(request *httputil.ProxyRequest) { request.SetURL(server) },
		Transport:     transport,
		FlushInterval: -1,
		// Where the server is away, the client sees what it would see without us: a connection that ends.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		ModifyResponse: func(response *http.Response) error {
			return p.faults.after(response.Request)
		},
	}
	return p, nil
}

func (p *proxy) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	request, end := p.faults.before(request)
	if end == nil {
		end = p.try(writer, request)
	}
	if end == nil {
		return
	}
	if errors.Is(end, errReset) {
		reset(writer)
	}
	panic(http.ErrAbortHandler)
}

// try forwards a request; an error says how the connection is to end.
func (p *proxy) try(writer http.ResponseWriter, request *http.Request) (end error) {
	forward := *p.forward
	forward.ErrorHandler = func(_ http.ResponseWriter, _ *http.Request, err error) { end = err }
	forward.ServeHTTP(writer, request)
	return end
}

// reset ends the connection so that the client's system says so: no orderly end, a reset.
func reset(writer http.ResponseWriter) {
	hijacker, ok := writer.(http.Hijacker)
	if !ok {
		return
	}
	connection, _, err := hijacker.Hijack()
	if err != nil {
		return
	}
	if tcp, ok := connection.(interface{ SetLinger(int) error }); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}
