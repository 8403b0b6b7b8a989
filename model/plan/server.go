package plan

import (
	"path"
	"slices"
	"strings"

	"petrify/model"
)

// To keep what others bring is what some services are for: a database server needs no
// database server of its own. They are known by the names of their programs and images.

// keepers are programs and images that keep data for other services.
var keepers = strings.Fields(`
	postgres postgresql postgis pgvector timescaledb mysql mysqld mariadb mariadbd percona
	redis redis-server redis-stack valkey valkey-server keydb keydb-server dragonfly memcached
	mongo mongod mongodb couchdb couchbase cassandra scylla neo4j orientdb arangodb arangod rethinkdb surrealdb surreal
	influxdb influxd clickhouse clickhouse-server questdb victoria-metrics prometheus loki mimir
	elasticsearch opensearch solr meilisearch typesense qdrant weaviate milvus chroma
	cockroach cockroachdb sqlservr oracle firebird etcd consul zookeeper
	minio seaweedfs garage rabbitmq rabbitmq-server nats nats-server kafka
	openldap slapd 389ds vault gitea forgejo registry`)

// isKeeper reports whether a service is there to keep data.
func isKeeper(s *model.Service) bool {
	var names []string
	add := func(image string, commands ...[]string) {
		name, _, _ := strings.Cut(path.Base(image), "@")
		name, _, _ = strings.Cut(name, ":")
		names = append(names, name)
		for _, words := range commands {
			for _, word := range words {
				names = append(names, path.Base(word))
			}
		}
	}
	if d := s.Declared; d != nil {
		add(d.Image, d.Entrypoint, d.Command)
	}
	for _, c := range s.Standing() {
		add(c.Image, c.Entrypoint, c.Command)
	}
	return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(keepers, name) })
}

// betterFor says what would make a mount for a class of writes unnecessary in a
// service; "" where nothing does, as the service is there to keep them.
func betterFor(s *model.Service, at *site, class model.Class) string {
	kept := class == model.Database || class == model.UserData || class == model.Sessions
	if kept && isKeeper(s) {
		return ""
	}
	return at.better(class)
}
