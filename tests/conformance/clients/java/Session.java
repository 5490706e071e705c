import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.api.MethodOutcome;
import ca.uhn.fhir.rest.client.api.IGenericClient;
import ca.uhn.fhir.rest.client.interceptor.BearerTokenAuthInterceptor;
import ca.uhn.fhir.rest.server.exceptions.BaseServerResponseException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.hl7.fhir.r4.model.Task;

/** HAPI's client, unchanged, in one session; reads what to use from stdin and prints what it saw as JSON. */
public class Session {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final FhirContext R4 = FhirContext.forR4();

  public static void main(String[] arguments) throws Exception {
    JsonNode given = JSON.readTree(System.in);
    IGenericClient ehr = client(given, "ehr");
    IGenericClient provider = client(given, "provider");
    ObjectNode seen = JSON.createObjectNode();

    ArrayNode created = seen.putArray("created");
    for (Bundle.BundleEntryComponent entry : ehr.transaction().withBundle(bundle(given, "referral")).execute().getEntry()) {
      created.add(entry.getResponse().getStatus().substring(0, 3));
    }
    ArrayNode pages = seen.putArray("pages");
    Bundle page = ehr.search().forResource(Task.class).count(2).returnBundle(Bundle.class).execute();
    while (page != null) {
      ArrayNode ids = pages.addArray();
      page.getEntry().stream()
          .filter(entry -> entry.getResource() instanceof Task)
          .forEach(entry -> ids.add(entry.getResource().getIdElement().getIdPart()));
      page = page.getLink(Bundle.LINK_NEXT) == null ? null : ehr.loadPage().next(page).execute();
    }

    String id = given.get("task").asText();
    String first = provider.read().resource(Task.class).withId(id).execute().getMeta().getVersionId();
    Task patched = (Task) patch(provider, id, "accepted", first).getResource();
    seen.put("patched", patched.getStatus().toCode());
    ArrayNode refusals = seen.putArray("refusals");
    refusals.add(refusal(() -> ehr.transaction().withBundle(bundle(given, "conflicting")).execute()));
    refusals.add(refusal(() -> patch(provider, id, "in-progress", first)));
    refusals.add(refusal(() -> patch(provider, id, "failed", patched.getMeta().getVersionId())));
    System.out.println(JSON.writeValueAsString(seen));
  }

  /** A client that reads /metadata first, as HAPI's does unless told otherwise. */
  private static IGenericClient client(JsonNode given, String who) {
    IGenericClient client = R4.newRestfulGenericClient(given.get("base").asText());
    client.registerInterceptor(new BearerTokenAuthInterceptor(given.get(who).asText()));
    return client;
  }

  private static Bundle bundle(JsonNode given, String name) {
    return R4.newJsonParser().parseResource(Bundle.class, given.get(name).toString());
  }

  private static MethodOutcome patch(IGenericClient client, String id, String status, String version) {
    String change = "[{\"op\":\"replace\",\"path\":\"/status\",\"value\":\"" + status + "\"}]";
    return client
        .patch()
        .withBody(change)
        .withId(new IdType("Task", id))
        .withAdditionalHeader("If-Match", "W/\"" + version + "\"")
        .execute();
  }

  private static ObjectNode refusal(Runnable attempt) {
    try {
      attempt.run();
    } catch (BaseServerResponseException refused) {
      OperationOutcome outcome = (OperationOutcome) refused.getOperationOutcome();
      String slug = outcome.getIssueFirstRep().getDetails().getCodingFirstRep().getCode();
      return JSON.createObjectNode().put("status", refused.getStatusCode()).put("slug", slug);
    }
    throw new IllegalStateException("nothing was refused");
  }
}
