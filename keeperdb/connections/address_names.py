"""Names of options in pasted addresses that are never applied: harmless ones, and those that are refused.

They are written without hyphens, underscores and capitals, because each driver spells them in its own way.
"""

from collections.abc import Mapping


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Options that only tune another program's driver: leaving them out changes nothing that a person would see here.
_MYSQL = _names(
    """
    allowemptypassword allownativepasswords allowpublickeyretrieval autoreconnect cachecallablestmts cacheprepstmts
    cacheserverconfiguration characterencoding charset collation compress connectioncollation connectiontimezone
    connecttimeout defaultcharacterset defaultfetchsize elidesetautocommits enabledtlsprotocols failoverreadonly
    forceconnectiontimezonetosession loc maintaintimestats maxallowedpacket maxreconnects parsetime
    prepstmtcachesize prepstmtcachesqllimit protocol readtimeout rewritebatchedstatements rootpassword
    servertimezone sockettimeout tcpkeepalive tcprcvbuf tinyint1isbit tlsversion tlsversions useaffectedrows
    usecompression usecursorfetch usejdbccomplianttimezoneshift uselegacydatetimecode uselocalsessionstate
    useserverprepstmts useunicode version writetimeout yearisdatetype zerodatetimebehavior
    """
)
LEFT_OUT: Mapping[str, frozenset[str]] = {
    "postgresql": _names(
        """
        adaptivefetch assumeminserverversion autosave binarytransfer channelbinding clientencoding connectionlimit
        connecttimeout data defaultrowfetchsize fallbackapplicationname gssencmode hostauthmethod initdbargs
        keepalives keepalivescount keepalivesidle keepalivesinterval logintimeout logunclosedconnections pgbouncer
        pooltimeout preparethreshold rewritebatchedinserts sockettimeout sslnegotiation stringtype
        targetsessionattrs tcpkeepalive tcpusertimeout
        """
    ),
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "sqlite": _names("busytimeout cache checksamethread timeout uri"),
    "sqlserver": _names(
        """
        ansi autocommit autotranslate cancelquerytimeout charset clientcharset columnencryptionsetting
        connectretrycount connectretryinterval connecttimeout connectiontimeout fastexecutemany keepalive
        keepaliveinterval lastupdatecount locktimeout logintimeout longasmax marsconnection
        multipleactiveresultsets packetsize persistsecurityinfo pooling responsebuffering selectmethod
        sendstringparametersasunicode sockettimeout statementpoolingcachesize tdsversion
        transparentnetworkipresolution unicoderesults usedeclarefetch usefmtonly version workstationid wsid xopenstates
        """
    ),
    "oracle": _names(
        """
        arraysize autocommit connecttimeout encoding encodingerrors events expiretime loadbalance nencoding poolboundary
        purity retrycount retrydelay sdu server servertype stmtcachesize tcpconnecttimeout threaded
        transportconnecttimeout
        """
    ),
    "redshift": _names(
        """
        assumeminserverversion autocreate blockingrowsmode clientencoding connecttimeout databasemetadatacurrentdbonly
        defaultrowfetchsize enablefetchringbuffer fetchringbuffersize keepalives keepalivescount keepalivesidle
        keepalivesinterval logintimeout preparethreshold sockettimeout stringtype tcpkeepalive
        """
    ),
}

# Why an option is refused, as the end of a sentence that begins with its name.
UNSAFE: Mapping[str, str] = {
    **dict.fromkeys(
        _names(
            """
            allowallfiles allowloadlocalinfile allowloadlocalinfileinpath allowurlinlocalinfile defaultsextrafile
            defaultsfile enablelocalinfile localinfile logger loggerfile loggerlevel loglevel loginpath
            readdefaultfile readdefaultgroup service servicefile sslcapath sslcrl sslcrldir sslcrlpath vfs
            """
        ),
        "lets the server or the address reach files of this machine",
    ),
    **dict.fromkeys(
        _names(
            """
            authenticationpluginclassname authenticationplugins autodeserialize clientinfoprovider
            connectionlifecycleinterceptors defaultauth defaultauthenticationplugin exceptioninterceptors
            haconnectionstrategy jaasapplicationname jaaslogin loadextension plugindir propertiestransform
            queryinterceptors socketfactory socketfactoryarg sslfactory sslfactoryarg sslhostnameverifier
            sslpasswordcallback statementinterceptors xmlfactoryfactory
            """
        ),
        "makes a driver load and run code",
    ),
    **dict.fromkeys(
        _names(
            """
            allowmultiqueries c cmd command connectioninitsql e execute f file init initcommand initializationsql
            initsql multistatements o options output sessionvariables
            """
        ),
        "runs statements or commands that are not shown",
    ),
    **dict.fromkeys(_names("key passfile sslkey sslpassword"), "takes a secret from a file of this machine"),
    **dict.fromkeys(_names("allowcleartextpasswords enablecleartextplugin"), "sends the password in clear"),
}
