package export

import (
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	kubeyaml "sigs.k8s.io/yaml"

	"petrify/model"
)

// objects decodes a file strictly: a field that Kubernetes does not know fails.
func objects(t testing.TB, text string) (deployments []appsv1.Deployment, claims []corev1.PersistentVolumeClaim) {
	t.Helper()
	for document := range strings.SplitSeq(text, "\n---\n") {
		switch {
		case strings.Contains(document, "\nkind: Deployment\n"):
			var d appsv1.Deployment
			if err := kubeyaml.UnmarshalStrict([]byte(document), &d); err != nil {
				t.Fatalf("%v\n%s", err, document)
			}
			deployments = append(deployments, d)
		case strings.Contains(document, "kind: PersistentVolumeClaim\n"):
			var c corev1.PersistentVolumeClaim
			if err := kubeyaml.UnmarshalStrict([]byte(document), &c); err != nil {
				t.Fatalf("%v\n%s", err, document)
			}
			claims = append(claims, c)
		default:
			for line := range strings.Lines(document) {
				if line != "\n" && !strings.HasPrefix(line, "#") {
					t.Errorf("a document that is none: %q", document)
				}
			}
		}
	}
	return deployments, claims
}

func checkName(t testing.TB, name string) {
	t.Helper()
	for _, problem := range validation.IsDNS1123Label(name) {
		t.Errorf("name %q: %s", name, problem)
	}
}

func readKubernetes(t testing.TB, text string, services []string) map[string][]seen {
	t.Helper()
	deployments, claims := objects(t, text)
	if len(deployments) != len(services) {
		t.Fatalf("%d deployments for %d services\n%s", len(deployments), len(services), text)
	}
	claimed := map[string]bool{}
	for _, c := range claims {
		checkName(t, c.Name)
		if claimed[c.Name] {
			t.Errorf("claim %q is there twice", c.Name)
		}
		claimed[c.Name] = true
	}
	found := map[string][]seen{}
	for i, d := range deployments {
		checkName(t, d.Name)
		found[services[i]] = readPod(t, d.Spec.Template.Spec, claimed)
	}
	return found
}

func readPod(t testing.TB, pod corev1.PodSpec, claimed map[string]bool) []seen {
	t.Helper()
	volumes := map[string]corev1.Volume{}
	for _, v := range pod.Volumes {
		checkName(t, v.Name)
		if _, ok := volumes[v.Name]; ok {
			t.Errorf("volume %q is there twice", v.Name)
		}
		volumes[v.Name] = v
	}
	container := pod.Containers[0]
	for _, c := range append(pod.InitContainers, container) {
		if c.SecurityContext == nil || !*c.SecurityContext.ReadOnlyRootFilesystem {
			t.Errorf("%s is not read-only", c.Name)
		}
	}
	all := []seen{}
	for _, vm := range container.VolumeMounts {
		m := seen{kind: model.Tmpfs, target: vm.MountPath, mode: 0o777, exec: true}
		switch v := volumes[vm.Name]; {
		case v.EmptyDir != nil && v.EmptyDir.Medium == corev1.StorageMediumMemory:
			if v.EmptyDir.SizeLimit != nil {
				m.size = v.EmptyDir.SizeLimit.Value()
			}
		case v.PersistentVolumeClaim != nil:
			m = seen{kind: model.Volume, target: vm.MountPath, volume: v.PersistentVolumeClaim.ClaimName}
			if !claimed[m.volume] {
				t.Errorf("nothing claims %q", m.volume)
			}
		default:
			t.Errorf("no volume for %q", vm.MountPath)
		}
		all = append(all, m)
	}
	return all
}
