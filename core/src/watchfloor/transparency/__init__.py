"""What the hub shows of its own use: figures that anybody counts again, disclosure, complaints."""

from .cases import CaseFile, case_file
from .complaints import Answered, Complaint, Complaints, SubjectOf, Traces
from .disclosure import Disclosed, Disclosures
from .districts import District, Share, distribution, points_of, read_districts, read_population
from .figures import differences, entries_of, figures_of
from .inventory import AnnualReport, Technology, about, annual_report, technology
from .model import SMALL, WITHHELD, About, Change, Figures, Head, Report, Row, Table
from .page import CONTENT_SECURITY_POLICY, page
from .publishing import CSV, FOLDER, JSON, PAGE, PDF, Publication, last_month, published, rendered
from .queries import QUERIES
from .redaction import PROFILES, Profile, Pseudonyms, redacted
from .sheets import as_csv, as_json

__all__ = [
    "CONTENT_SECURITY_POLICY",
    "CSV",
    "FOLDER",
    "JSON",
    "PAGE",
    "PDF",
    "PROFILES",
    "QUERIES",
    "SMALL",
    "WITHHELD",
    "About",
    "AnnualReport",
    "Answered",
    "CaseFile",
    "Change",
    "Complaint",
    "Complaints",
    "Disclosed",
    "Disclosures",
    "District",
    "Figures",
    "Head",
    "Profile",
    "Pseudonyms",
    "Publication",
    "Report",
    "Row",
    "Share",
    "SubjectOf",
    "Table",
    "Technology",
    "Traces",
    "about",
    "annual_report",
    "as_csv",
    "as_json",
    "case_file",
    "differences",
    "distribution",
    "entries_of",
    "figures_of",
    "last_month",
    "page",
    "points_of",
    "published",
    "read_districts",
    "read_population",
    "redacted",
    "rendered",
    "technology",
]
