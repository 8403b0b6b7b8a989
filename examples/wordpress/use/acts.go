package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// The owner of the site. The password guards an example on the loopback address.
const (
	ownerName     = "owner"
	ownerPassword = "petrify-example"
)

// waitForSite waits until WordPress itself answers, and not only the web server.
func (p *person) waitForSite(ctx context.Context) (string, error) {
	var last error
	err := every(ctx, 2*time.Minute, func() (bool, error) {
		_, last = p.get(ctx, "/wp-login.php")
		return last == nil, nil
	})
	if err != nil && last != nil {
		err = fmt.Errorf("%w; the last try: %w", err, last)
	}
	return "it answers", err
}

func (p *person) install(ctx context.Context) (string, error) {
	got, err := p.get(ctx, "/wp-admin/install.php")
	if err != nil {
		return "", err
	}
	if strings.Contains(got.body, "already installed") {
		return "it was installed before", nil
	}
	got, err = p.submit(ctx, "/wp-admin/install.php?step=2", url.Values{
		"weblog_title":    {"Stones"},
		"user_name":       {ownerName},
		"admin_password":  {ownerPassword},
		"admin_password2": {ownerPassword},
		"pw_weak":         {"1"},
		"admin_email":     {"owner@example.com"},
		"blog_public":     {"0"},
	})
	if err != nil {
		return "", err
	}
	if !strings.Contains(got.body, "Success!") {
		return "", fmt.Errorf("the installer does not say success: %.300s", got.body)
	}
	return "installed", nil
}

// readTwice reads the front page twice, so that the second visit finds the session
// that the first one left.
func (p *person) readTwice(ctx context.Context) (string, error) {
	if _, err := p.get(ctx, "/"); err != nil {
		return "", err
	}
	got, err := p.get(ctx, "/")
	if err != nil {
		return "", err
	}
	if visits := got.header.Get("X-Your-Visits"); visits != "2" {
		return "", fmt.Errorf("the session should count 2 visits, not %q", visits)
	}
	return "visit " + got.header.Get("X-Visits") + " by the cache's count, 2 by the session's", nil
}

func (p *person) read(ctx context.Context, address string) (string, error) {
	got, err := p.get(ctx, address)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d bytes", len(got.body)), nil
}

func (p *person) logIn(ctx context.Context) (string, error) {
	if _, err := p.get(ctx, "/wp-login.php"); err != nil { // sets the cookie that logging in asks for
		return "", err
	}
	got, err := p.submit(ctx, "/wp-login.php", url.Values{
		"log": {ownerName}, "pwd": {ownerPassword}, "testcookie": {"1"}, "redirect_to": {"/wp-admin/profile.php"},
	})
	if err != nil {
		return "", err
	}
	if !strings.Contains(got.body, "wp-admin-bar") && !strings.Contains(got.body, "wpadminbar") {
		return "", errors.New("the password was not taken: is this a site that somebody else installed?")
	}
	nonce, err := p.get(ctx, "/wp-admin/admin-ajax.php?action=rest-nonce")
	if err != nil {
		return "", err
	}
	p.nonce = nonce.body
	return "as " + ownerName, nil
}

// written is what the REST interface says of a post or an upload.
type written struct {
	ID     int    `json:"id"`
	Link   string `json:"link"`
	Source string `json:"source_url"`
	Status string `json:"status"`
}

func (p *person) post(ctx context.Context) (string, error) {
	var post written
	_, err := p.rest(ctx, http.MethodPost, "/wp/v2/posts", map[string]string{
		"title": "A stone", "content": "It does not change.", "status": "publish",
	}, &post)
	p.lastPost = post.Link
	return post.Link, err
}

// upload sends a picture large enough for WordPress to make smaller ones of it.
func (p *person) upload(ctx context.Context) (string, error) {
	const width, height = 1200, 800
	stone := image.NewGray(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			stone.SetGray(x, y, color.Gray{Y: uint8((x*x/97 + y*y/61) % 256)})
		}
	}
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, stone); err != nil {
		return "", err
	}
	req, err := p.request(ctx, http.MethodPost, "/?rest_route=/wp/v2/media", "image/png", &encoded)
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Disposition", `attachment; filename="stone.png"`)
	got, err := p.send(req)
	if err != nil {
		return "", err
	}
	var picture written
	if err := json.Unmarshal([]byte(got.body), &picture); err != nil {
		return "", err
	}
	_, err = p.get(ctx, picture.Source)
	return picture.Source, err
}

// The plugin that installPlugin brings along, as a file of the site's own code.
const (
	pluginFile = "pebble/pebble.php"
	pluginCode = `<?php
/**
 * Plugin Name: Pebble
 * Description: Says hello in the footer.
 * Version: 1.0
 */
add_action( 'wp_footer', function () { echo '<p>hello</p>'; } );
`
)

// installPlugin uploads a plugin through the page that owners use: the web server
// unpacks it into the site's code.
func (p *person) installPlugin(ctx context.Context) (string, error) {
	if status, err := p.deletePlugin(ctx, "pebble/pebble"); err != nil && status != http.StatusNotFound {
		return "", err
	}
	nonce, err := p.formNonce(ctx, "/wp-admin/plugin-install.php?tab=upload", "_wpnonce")
	if err != nil {
		return "", err
	}
	var archive bytes.Buffer
	packed := zip.NewWriter(&archive)
	file, err := packed.Create(pluginFile)
	if err != nil {
		return "", err
	}
	if _, err := file.Write([]byte(pluginCode)); err != nil {
		return "", err
	}
	if err := packed.Close(); err != nil {
		return "", err
	}

	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := form.WriteField("_wpnonce", nonce); err != nil {
		return "", err
	}
	part, err := form.CreateFormFile("pluginzip", "pebble.zip")
	if err != nil {
		return "", err
	}
	if _, err := part.Write(archive.Bytes()); err != nil {
		return "", err
	}
	if err := form.Close(); err != nil {
		return "", err
	}
	got, err := p.ask(ctx, http.MethodPost, "/wp-admin/update.php?action=upload-plugin", form.FormDataContentType(), &body)
	if err != nil {
		return "", err
	}
	if !strings.Contains(got.body, "Plugin installed successfully") {
		return "", errors.New("the site does not say that the plugin was installed")
	}
	return "wp-content/plugins/" + pluginFile, nil
}

// deleteAkismet removes a plugin that the image ships.
func (p *person) deleteAkismet(ctx context.Context) (string, error) {
	status, err := p.deletePlugin(ctx, "akismet/akismet")
	if status == http.StatusNotFound {
		return "it was not there", nil
	}
	return "wp-content/plugins/akismet", err
}

func (p *person) deletePlugin(ctx context.Context, name string) (int, error) {
	return p.rest(ctx, http.MethodDelete, "/wp/v2/plugins/"+name, nil, nil)
}

var editedText = regexp.MustCompile(`(?s)<textarea[^>]*name="newcontent"[^>]*>(.*?)</textarea>`)

// editStyle adds a line to the style sheet of the theme, through the editor that
// WordPress has for it.
func (p *person) editStyle(ctx context.Context) (string, error) {
	editor, err := p.get(ctx, "/wp-admin/theme-editor.php")
	if err != nil {
		return "", err
	}
	text := editedText.FindStringSubmatch(editor.body)
	if text == nil {
		return "", errors.New("the theme's editor shows no text")
	}
	theme, err := hiddenField(editor.body, "theme")
	if err != nil {
		return "", err
	}
	file, err := hiddenField(editor.body, "file")
	if err != nil {
		return "", err
	}
	nonce, err := hiddenField(editor.body, "nonce")
	if err != nil {
		return "", err
	}
	got, err := p.submit(ctx, "/wp-admin/admin-ajax.php", url.Values{
		"action": {"edit-theme-plugin-file"}, "nonce": {nonce}, "theme": {theme}, "file": {file},
		"newcontent": {html.UnescapeString(text[1]) + "\nbody { background: #d8d4cc; } /* stone */\n"},
	})
	if err != nil {
		return "", err
	}
	if !strings.Contains(got.body, `"success":true`) {
		return "", fmt.Errorf("the editor answers %.200s", got.body)
	}
	return "wp-content/themes/" + theme + "/" + file, nil
}

// choosePrettyLinks makes WordPress write its .htaccess.
func (p *person) choosePrettyLinks(ctx context.Context) (string, error) {
	nonce, err := p.formNonce(ctx, "/wp-admin/options-permalink.php", "_wpnonce")
	if err != nil {
		return "", err
	}
	_, err = p.submit(ctx, "/wp-admin/options-permalink.php", url.Values{
		"_wpnonce": {nonce}, "selection": {"/%postname%/"}, "permalink_structure": {"/%postname%/"}, "submit": {"Save"},
	})
	return ".htaccess", err
}

// untilDue is how far off a post's time is. WordPress publishes at once what is due in
// less than a minute.
const untilDue = 62 * time.Second

// schedulePost leaves a post for later.
func (p *person) schedulePost(ctx context.Context) (string, error) {
	return p.schedule(ctx, "/wp/v2/posts", map[string]string{"title": "A stone that waited", "content": "It was in no hurry."})
}

// schedule saves a post that is to be published later.
func (p *person) schedule(ctx context.Context, path string, fields map[string]string) (string, error) {
	p.due = time.Now().UTC().Add(untilDue)
	fields["status"], fields["date_gmt"] = "future", p.due.Format("2006-01-02T15:04:05")
	var post written
	_, err := p.rest(ctx, http.MethodPost, path, fields, &post)
	if err == nil && post.Status != "future" {
		err = fmt.Errorf("the site should keep the post for later, and says %q", post.Status)
	}
	p.scheduled = post.ID
	return "due " + p.due.Format(time.TimeOnly), err
}

// missedAfter is how late a post is when its time was missed: a job that was cut off locks
// the others out for a minute.
const missedAfter = 75 * time.Second

// awaitPost waits for the scheduled post. Scheduled jobs run when the worker asks for
// them and at no other time, so a published post proves that the worker works.
//
// WordPress keeps all jobs in one option, which each request writes as a whole: one that
// began before the post was scheduled may drop it ("missed schedule"). Then the post is
// scheduled again, as its author would do.
func (p *person) awaitPost(ctx context.Context) (string, error) {
	missed := 0
	err := every(ctx, 6*time.Minute, func() (bool, error) {
		var post written
		path := fmt.Sprintf("/wp/v2/posts/%d", p.scheduled)
		_, err := p.rest(ctx, http.MethodGet, path, nil, &post)
		if err == nil && post.Status != "publish" && time.Since(p.due) > missedAfter {
			missed++
			_, err = p.schedule(ctx, path, map[string]string{})
		}
		return post.Status == "publish", err
	})
	did := fmt.Sprintf("published %.0f s after its time", time.Since(p.due).Seconds())
	if missed > 0 {
		did += fmt.Sprintf(", which was missed %d times before", missed)
	}
	return did, err
}

// formNonce reads the field that proves that a form was asked for first.
func (p *person) formNonce(ctx context.Context, path, field string) (string, error) {
	got, err := p.get(ctx, path)
	if err != nil {
		return "", err
	}
	return hiddenField(got.body, field)
}

func hiddenField(body, name string) (string, error) {
	field := regexp.MustCompile(`<input[^>]*name="` + regexp.QuoteMeta(name) + `"[^>]*value="([^"]*)"`).FindStringSubmatch(body)
	if field == nil {
		return "", fmt.Errorf("the page has no field %q", name)
	}
	return html.UnescapeString(field[1]), nil
}
