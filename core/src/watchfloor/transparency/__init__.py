"""What the hub shows of its own use: figures that anybody counts again, disclosure, complaints."""

from .cases import CaseFile, Cases
from .complaints import Answered, Complaint, Complaints, SubjectOf, Traces
from .disclosure import Disclosed, Disclosures
from .districts import (
    DEVICES,
    DISTRICTS,
    POPULATION,
    Distribution,
    alert_points,
    distribution,
    points_of,
    read_districts,
    read_population,
    supplied,
)
from .figures import differences, figures_of
from .inventory import AnnualReport, Technology, about, annual_report, technology
from .model import SMALL, WITHHELD, About, Change, Figures, Head, Report, Row, System, Table
from .page import CONTENT_SECURITY_POLICY, page
from .publishing import CSV, FOLDER, JSON, PAGE, PDF, Publication, last_month, published, rendered
from .queries import QUERIES
from .redaction import PROFILES, Profile, Pseudonyms, redacted
from .sheets import as_csv, as_json, distribution_csv

__all__ = [
    "CONTENT_SECURITY_POLICY",
    "CSV",
    "DEVICES",
    "DISTRICTS",
    "FOLDER",
    "JSON",
    "PAGE",
    "PDF",
    "POPULATION",
    "PROFILES",
    "QUERIES",
    "SMALL",
    "WITHHELD",
    "About",
    "AnnualReport",
    "Answered",
    "CaseFile",
    "Cases",
    "Change",
    "Complaint",
    "Complaints",
    "Disclosed",
    "Disclosures",
    "Distribution",
    "Figures",
    "Head",
    "Profile",
    "Pseudonyms",
    "Publication",
    "Report",
    "Row",
    "SubjectOf",
    "System",
    "Table",
    "Technology",
    "Traces",
    "about",
    "alert_points",
    "annual_report",
    "as_csv",
    "as_json",
    "differences",
    "distribution",
    "distribution_csv",
    "figures_of",
    "last_month",
    "page",
    "points_of",
    "published",
    "read_districts",
    "read_population",
    "redacted",
    "rendered",
    "supplied",
    "technology",
]
