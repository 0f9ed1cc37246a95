package main

import (
	"crypto"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/distribution/distribution/v3/configuration"
	"github.com/distribution/distribution/v3/registry/auth/token"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"golang.org/x/crypto/bcrypt"
)

const (
	issuer  = "pintle-registry"
	service = "registry"
	keyID   = "key"
)

// configureAuth writes the files the chosen way to authenticate needs. Token authentication is served by the
// registry's own port, at /token.
func (o options) configureAuth(mux *http.ServeMux, dir, url string, c certificate) (configuration.Auth, error) {
	switch o.auth {
	case "none":
		return nil, nil
	case "basic":
		hash, err := bcrypt.GenerateFromPassword([]byte(o.password), bcrypt.MinCost)
		if err != nil {
			return nil, err
		}
		path := filepath.Join(dir, "htpasswd")
		err = os.WriteFile(path, []byte(o.user+":"+string(hash)+"\n"), 0o600)
		return configuration.Auth{"htpasswd": {"realm": service, "path": path}}, err
	case "token":
		keys := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: c.key.Public(), KeyID: keyID}}}
		text, err := json.Marshal(keys)
		if err != nil {
			return nil, err
		}
		path := filepath.Join(dir, "keys.json")
		mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) { o.serveToken(w, r, c.key) })
		return configuration.Auth{"token": {
			"realm": url + "/token", "service": service, "issuer": issuer, "jwks": path,
			"signingalgorithms": []any{"ES256"},
		}}, os.WriteFile(path, text, 0o600)
	default:
		return nil, fmt.Errorf("unknown --auth %q; use none, basic or token", o.auth)
	}
}

// serveToken gives a token for what was asked. Without credentials that is to pull below `public/`; wrong
// credentials give none.
func (o options) serveToken(w http.ResponseWriter, r *http.Request, key crypto.Signer) {
	user, password, given := r.BasicAuth()
	if given && (user != o.user || password != o.password) {
		http.Error(w, `{"errors":[{"code":"UNAUTHORIZED","message":"wrong user or password"}]}`, http.StatusUnauthorized)
		return
	}
	signed, err := signToken(key, user, grant(r.URL.Query()["scope"], given))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	// The client has gone if this fails.
	_ = json.NewEncoder(w).Encode(map[string]any{"token": signed, "access_token": signed, "expires_in": 300})
}

// grant turns scopes such as `repository:charts/demo:pull,push` into what the token allows.
func grant(scopes []string, known bool) []*token.ResourceActions {
	var access []*token.ResourceActions
	for _, scope := range strings.Fields(strings.Join(scopes, " ")) {
		kind, rest, _ := strings.Cut(scope, ":")
		name, actions, _ := strings.Cut(rest, ":")
		allowed := strings.Split(actions, ",")
		if !known {
			if !strings.HasPrefix(name, "public/") {
				continue
			}
			allowed = []string{"pull"}
		}
		access = append(access, &token.ResourceActions{Type: kind, Name: name, Actions: allowed})
	}
	return access
}

func signToken(key crypto.Signer, user string, access []*token.ResourceActions) (string, error) {
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: keyID}},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", err
	}
	now := time.Now()
	return jwt.Signed(signer).Claims(token.ClaimSet{
		Issuer: issuer, Subject: user, Audience: token.AudienceList{service}, Access: access,
		IssuedAt: now.Unix(), NotBefore: now.Add(-time.Minute).Unix(), Expiration: now.Add(5 * time.Minute).Unix(),
	}).Serialize()
}
