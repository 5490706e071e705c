"""All cases, as data."""

from lahetti.demo import cases_disturbed, cases_outcome, cases_page, cases_permission, cases_routing
from lahetti.demo.case_run import Case

CASES: tuple[Case, ...] = (
    Case("completed", "webhook", cases_outcome.completed),
    Case("not reached", "email", cases_page.not_reached),
    Case("declined after acceptance", "webhook", cases_outcome.declined_after_acceptance),
    Case("wrong referral", "webhook", cases_outcome.wrong_referral),
    Case("cancelled by the referrer", "webhook", cases_outcome.cancelled_by_referrer),
    Case("a child of nine", "webhook", cases_outcome.child_of_nine),
    Case("no capacity", "webhook", cases_outcome.no_capacity),
    Case("no permission", "none", cases_permission.no_permission),
    Case("permission withdrawn", "webhook", cases_permission.permission_withdrawn),
    Case("the same request again", "webhook", cases_routing.same_request_again),
    Case("quota used up", "webhook", cases_routing.quota_used_up),
    Case("provider refuses connections", "webhook", cases_disturbed.provider_refuses_connections),
    Case("provider answers 503", "webhook", cases_disturbed.provider_answers_503),
    Case("EHR down", "webhook", cases_disturbed.ehr_down),
    Case("EHR answers 412", "webhook", cases_disturbed.ehr_answers_412),
    Case("EHR that polls", "webhook", cases_disturbed.ehr_polls),
)
