"""Opening a connection: transport and limits put together."""

from __future__ import annotations

from connector.crm.hubspot.bearer import Lasting, Renewed
from connector.crm.hubspot.crm import HubSpotCrm
from connector.crm.hubspot.hints import Ear
from connector.crm.hubspot.options import Options
from connector.crm.hubspot.portal import Portal
from connector.crm.hubspot.read import OVERLAP, SETTLE, Reader
from connector.crm.hubspot.transport import Transport
from connector.crm.hubspot.whose import Whose
from connector.model.settings import Company, ConnectionSettings
from connector.normalise.mapping import CrmMapping
from connector.ports import World
from connector.transport import Patience, Rate


def open_session(settings: ConnectionSettings, mapping: CrmMapping, company: Company, world: World) -> HubSpotCrm:
    """The connected account; its options are without `faults`."""
    options = Options(settings.options)
    bearer = Lasting(options.token) if options.token else Renewed(options.app, world.now)
    limits = {"call": Rate(options.calls, 10), "search": Rate(options.searches, 1)}
    patience = Patience(settings.name, world, limits=limits)
    transport = Transport(
        settings.name, bearer, options.base_url, options.version, patience, write_version=options.write_version
    )
    portal = Portal(transport)
    whose = Whose(settings.name, lambda: portal.remembered().get("portalId"), world.now)
    ear = Ear(*options.door, world.now, whose.number) if options.door else None
    overlap = OVERLAP if settings.overlap is None else settings.overlap
    settle = SETTLE if settings.settle is None else settings.settle
    assumed = mapping.assumed(company.currency)
    reader = Reader(settings.name, portal, mapping, world, assumed=assumed, overlap=overlap, settle=settle)
    return HubSpotCrm(settings.name, portal, reader, mapping=mapping, company=company, world=world, ear=ear)
