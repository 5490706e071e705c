"""Takes referrals from patient record systems, checks permission, routes by agreed criteria."""
