package dev.corral.api.v1alpha1;

import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** What this cluster was seen to enforce; one object, written by the controller. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("CorralCluster")
@Plural("corralclusters")
@Singular("corralcluster")
@ShortNames("corral")
public class CorralCluster extends CustomResource<Void, CorralClusterStatus> {}
