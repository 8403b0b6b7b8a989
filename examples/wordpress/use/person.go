package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"
)

// person is somebody with a browser: a session of their own, and a nonce for
// WordPress's REST interface once they are logged in.
type person struct {
	site      *url.URL
	browser   *http.Client
	nonce     string
	lastPost  string    // address of the last post
	scheduled int       // the post that waits
	due       time.Time // when it is to be published
}

func newPerson(site *url.URL) *person {
	jar, _ := cookiejar.New(nil) // without options it cannot fail
	return &person{site: site, browser: &http.Client{Jar: jar, Timeout: 60 * time.Second}}
}

// page is an answer of the site, read to its end.
type page struct {
	status int
	header http.Header
	body   string
}

func (p *person) get(ctx context.Context, path string) (page, error) {
	return p.ask(ctx, http.MethodGet, path, "", nil)
}

func (p *person) submit(ctx context.Context, path string, form url.Values) (page, error) {
	return p.ask(ctx, http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

func (p *person) ask(ctx context.Context, method, path, kind string, body io.Reader) (page, error) {
	req, err := p.request(ctx, method, path, kind, body)
	if err != nil {
		return page{}, err
	}
	return p.send(req)
}

// request makes a request to a path of the site, or to a full address on it.
func (p *person) request(ctx context.Context, method, path, kind string, body io.Reader) (*http.Request, error) {
	at, err := p.site.Parse(path)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, at.String(), body)
	if err != nil {
		return nil, err
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if p.nonce != "" {
		req.Header.Set("X-WP-Nonce", p.nonce)
	}
	return req, nil
}

func (p *person) send(req *http.Request) (page, error) {
	resp, err := p.browser.Do(req)
	if err != nil {
		return page{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return page{}, err
	}
	got := page{resp.StatusCode, resp.Header, string(body)}
	if resp.StatusCode >= 400 {
		return got, fmt.Errorf("%s %s answers %s: %.200s", req.Method, req.URL, resp.Status, body)
	}
	return got, nil
}

// rest calls WordPress's REST interface with a JSON body, and reads its answer into
// answer. The address is the one that works whatever links the site uses.
func (p *person) rest(ctx context.Context, method, route string, body, answer any) (int, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	got, err := p.ask(ctx, method, "/?rest_route="+route, "application/json", bytes.NewReader(encoded))
	if err != nil || answer == nil {
		return got.status, err
	}
	return got.status, json.Unmarshal([]byte(got.body), answer)
}
