import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hl7.fhir.r5.context.IWorkerContext;
import org.hl7.fhir.r5.elementmodel.Element;
import org.hl7.fhir.r5.elementmodel.Manager;
import org.hl7.fhir.r5.model.CanonicalResource;
import org.hl7.fhir.r5.model.CanonicalType;
import org.hl7.fhir.r5.utils.validation.IResourceValidator;
import org.hl7.fhir.r5.utils.validation.IValidatorResourceFetcher;
import org.hl7.fhir.r5.utils.validation.constants.ReferenceValidationPolicy;
import org.hl7.fhir.utilities.FhirPublication;
import org.hl7.fhir.utilities.TimeTracker;
import org.hl7.fhir.utilities.http.ManagedWebAccess;
import org.hl7.fhir.validation.ValidationEngine;
import org.hl7.fhir.validation.http.FhirValidatorHttpService;
import org.hl7.fhir.validation.instance.advisor.BasePolicyAdvisorForFullValidation;

/**
 * The official HL7 validator behind HTTP, without any network of its own:
 * `java -cp 'lib/*' Oracle.java PORT IG...`, where each IG is a package (.tgz) or a folder of resources.
 * Prints READY when it answers. POST /validateResource?profile=URL answers an OperationOutcome.
 */
public class Oracle {
  private static final String CORE = "hl7.fhir.r4.core#4.0.1";

  public static void main(String[] arguments) throws Exception {
    ManagedWebAccess.setAccessPolicy(ManagedWebAccess.WebAccessPolicy.PROHIBITED);
    ValidationEngine engine = new ValidationEngine.ValidationEngineBuilder()
        .withVersion("4.0.1")
        .withTimeTracker(new TimeTracker())
        .withNoTerminologyServer()
        .withThoVersion("7.0.1")
        .withExtensionsVersion("5.3.0-ballot-tc1")
        .fromSource(CORE);
    engine.setTerminologyServer(null, null, FhirPublication.R4, false);
    for (int i = 1; i < arguments.length; i++) {
      engine.getIgLoader().loadIg(new ArrayList<>(), new HashMap<>(), arguments[i], false);
    }
    engine.setFetcher(new EveryReferenceExists(engine));
    engine.setPolicyAdvisor(
        new BasePolicyAdvisorForFullValidation(ReferenceValidationPolicy.CHECK_TYPE_IF_EXISTS, Set.of()));
    engine.prepare();
    new FhirValidatorHttpService(engine, false, Integer.parseInt(arguments[0])).startServer();
    System.out.println("READY");
  }

  /**
   * Answers `Type/id` with an empty resource of that type: without it the validator would leave the types of
   * plain references unchecked.
   */
  private static final class EveryReferenceExists implements IValidatorResourceFetcher {
    private static final Pattern REFERENCE = Pattern.compile("(?:https?://\\S+/)?([A-Z][A-Za-z]+)/[A-Za-z0-9.-]{1,64}(?:/_history/.+)?");
    private final ValidationEngine engine;

    EveryReferenceExists(ValidationEngine engine) {
      this.engine = engine;
    }

    @Override
    public Element fetch(IResourceValidator validator, Object context, String url) throws IOException {
      Matcher named = REFERENCE.matcher(url);
      if (!named.matches() || !engine.getContext().getResourceNames().contains(named.group(1))) {
        return null;
      }
      byte[] empty = ("{\"resourceType\":\"" + named.group(1) + "\"}").getBytes(StandardCharsets.UTF_8);
      return Manager.parseSingle(engine.getContext(), new ByteArrayInputStream(empty), Manager.FhirFormat.JSON);
    }

    @Override
    public boolean resolveURL(
        IResourceValidator validator,
        Object context,
        String path,
        String url,
        IWorkerContext.VersionResolutionRules rules,
        String type,
        boolean canonical,
        List<CanonicalType> targets) {
      return true;
    }

    @Override
    public byte[] fetchRaw(IResourceValidator validator, String source) {
      return null;
    }

    @Override
    public IValidatorResourceFetcher setLocale(Locale locale) {
      return this;
    }

    @Override
    public CanonicalResource fetchCanonicalResource(IResourceValidator validator, Object context, String url) {
      return null;
    }

    @Override
    public boolean fetchesCanonicalResource(IResourceValidator validator, String url) {
      return false;
    }

    @Override
    public Set<ResourceVersionInformation> fetchCanonicalResourceVersions(
        IResourceValidator validator, Object context, String url) {
      return Set.of();
    }
  }
}
