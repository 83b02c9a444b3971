"""The standard objects around people: users, roles, permission sets, the organisation and its currencies."""

from __future__ import annotations

from connector.sandbox.salesforce.fields import SObject, listed
from connector.sandbox.salesforce.standard_deals import AUDIT

# Source: Salesforce, "Object Reference for the Salesforce Platform", read 2026-11-23.
USER = f"""
Id id :DI User ID
Username string(80) :CUI Username
LastName string(80) :CU Last Name
FirstName string(40) :CUN First Name
Name string(121) :n Full Name
CompanyName string(80) :CUNP Company Name
Division string(80) :CUNP Division
Department string(80) :CUNP Department
Title string(80) :CUNP Title
Country string(80) :CUNP Country
Email email(128) :CUI Email
Alias string(8) :CU Alias
IsActive boolean :CUD Active
TimeZoneSidKey picklist(40) :CUR Time Zone
UserRoleId reference(UserRole) :CUNs Role ID
LocaleSidKey picklist(40) :CUR Locale
ProfileId reference(Profile) :CUs Profile ID
UserType picklist(40) :NR User Type
LanguageLocaleKey picklist(40) :CUR Language
EmployeeNumber string(20) :CUNP Employee Number
ManagerId reference(User) :CUNPs Manager ID
LastLoginDate datetime :N Last Login
{AUDIT.strip()}
"""

ROLE = """
Id id :DI Role ID
Name string(80) :CUn Name
ParentRoleId reference(UserRole) :CUNr Parent Role ID
RollupDescription string(80) :CUN Description
DeveloperName string(80) :CUN Developer Name
LastModifiedDate datetime :D Last Modified Date
LastModifiedById reference(User) :D Last Modified By ID
SystemModstamp datetime :D System Modstamp
"""

ORGANIZATION = f"""
Id id :DI Organization ID
Name string(80) :Un Name
Country string(80) :UN Country
DefaultLocaleSidKey picklist(40) :UR Locale
TimeZoneSidKey picklist(40) :UR Time Zone
LanguageLocaleKey picklist(40) :UR Language
FiscalYearStartMonth int :N Fiscal Year Starts In
UsesStartDateAsFiscalYearName boolean :D Fiscal Year Name by Start
OrganizationType picklist(40) :R Edition
IsSandbox boolean :D Is Sandbox
InstanceName string(5) :N Instance Name
NamespacePrefix string(15) :N Namespace Prefix
{AUDIT.strip()}
"""

CURRENCY = f"""
Id id :DI Currency Type ID
IsoCode picklist(3) :CR Currency ISO Code
ConversionRate double(18,6) :CU Conversion Rate
DecimalPlaces int :CU Decimal Places
IsActive boolean :CUD Active
IsCorporate boolean :D Is Corporate Currency
{AUDIT.strip()}
"""

DATED_RATE = f"""
Id id :DI Dated Conversion Rate ID
IsoCode picklist(3) :CR Currency ISO Code
StartDate date :C Start Date
NextStartDate date :N Next Start Date
ConversionRate double(18,6) :CU Conversion Rate
{AUDIT.strip()}
"""

FORECASTING_TYPE = """
Id id :DI Forecasting Type ID
DeveloperName string(80) :N Forecasting Type Name
MasterLabel string(80) :Nn Master Label
IsActive boolean :D Active
IsAmount boolean :D Is Amount
IsQuantity boolean :D Is Quantity
SystemModstamp datetime :D System Modstamp
LastModifiedDate datetime :D Last Modified Date
"""

# Source: Salesforce, object reference of ForecastingQuota, read 2026-11-25: PeriodId follows from the start.
FORECASTING_QUOTA = f"""
Id id :DI Forecasting Quota ID
QuotaOwnerId reference(User) :CUs Quota Owner ID
StartDate date :CU Start Date
PeriodId reference(Period) :N Period ID
QuotaAmount currency(18,2) :CUN Quota Amount
QuotaQuantity double(18,2) :CUN Quota Quantity
IsAmount boolean :D Is Amount
IsQuantity boolean :D Is Quantity
ForecastingTypeId reference(ForecastingType) :CUs Forecasting Type ID
ProductFamily picklist(40) :CUN Product Family
{AUDIT.strip()}
"""

# Source: Salesforce, Object Reference and Field Reference, read 2026-11-29; neither object can be written.
FISCAL_YEAR = """
Id id :DI Fiscal Year Settings ID
PeriodId reference(Period) :N Period ID
StartDate date :N Start Date
EndDate date :N End Date
Name string(80) :n Name
IsStandardYear boolean :D Is Standard Year
YearType picklist(40) :NR Year Type
QuarterLabelScheme picklist(40) :NR Quarter Name Scheme
PeriodLabelScheme picklist(40) :NR Period Name Scheme
WeekLabelScheme picklist(40) :NR Week Name Scheme
QuarterPrefix picklist(255) :N Quarter Prefix
PeriodPrefix picklist(255) :N Period Prefix
WeekStartDay int :N Week Start Day
Description string(255) :N Description
SystemModstamp datetime :D System Modstamp
"""

PERIOD = """
Id id :DI Period ID
FiscalYearSettingsId reference(FiscalYearSettings) :N Fiscal Year Settings ID
Type picklist(40) :NR Type
StartDate date :D Start Date
EndDate date :D End Date
SystemModstamp datetime :D System Modstamp
IsForecastPeriod boolean :D Is Forecast Period
QuarterLabel picklist(255) :N Quarter Name
PeriodLabel picklist(255) :N Period Name
Number int :N Number
FullyQualifiedLabel string(80) :Nx Fully Qualified Label
"""

PERMISSION_SET = f"""
Id id :DI PermissionSet ID
Name string(80) :CU Permission Set Name
Label string(80) :CUn Permission Set Label
Description string(255) :CUN Description
IsOwnedByProfile boolean :D Is Owned By Profile
IsCustom boolean :D Custom
Type picklist(40) :NR Permission Set Type
NamespacePrefix string(15) :N Namespace Prefix
{AUDIT.strip()}
"""

ASSIGNMENT = """
Id id :DI PermissionSetAssignment ID
PermissionSetId reference(PermissionSet) :CNs PermissionSet ID
PermissionSetGroupId reference(PermissionSetGroup) :CNs Permission Set Group ID
AssigneeId reference(User) :C Assignee ID
SystemModstamp datetime :D Date Assigned
ExpirationDate datetime :CN Expires On
IsActive boolean :D Is Active
"""


def people_objects() -> list[SObject]:
    """What every organisation has."""
    return [
        SObject("User", "User", "Users", "005", listed(USER), "CU"),
        SObject("UserRole", "Role", "Roles", "00E", listed(ROLE)),
        SObject("Organization", "Organization", "Organizations", "00D", listed(ORGANIZATION), "U"),
        SObject("PermissionSet", "Permission Set", "Permission Sets", "0PS", listed(PERMISSION_SET)),
        SObject(
            "PermissionSetAssignment",
            "Permission Set Assignment",
            "Permission Set Assignments",
            "0Pa",
            listed(ASSIGNMENT),
            "CD",
        ),
        SObject("FiscalYearSettings", "Fiscal Year Settings", "Fiscal Year Settings", "022", listed(FISCAL_YEAR), ""),
        SObject("Period", "Period", "Periods", "026", listed(PERIOD), ""),
        SObject("ForecastingType", "Forecasting Type", "Forecasting Types", "0Db", listed(FORECASTING_TYPE)),
        SObject("ForecastingQuota", "Forecasting Quota", "Forecasting Quotas", "0J9", listed(FORECASTING_QUOTA), "CUD"),
    ]


def currency_objects() -> list[SObject]:
    """What an organisation has once it deals in several currencies."""
    return [
        SObject("CurrencyType", "Currency Type", "Currency Types", "01L", listed(CURRENCY), "CU"),
        SObject("DatedConversionRate", "Dated Exchange Rate", "Dated Exchange Rates", "04w", listed(DATED_RATE)),
    ]
