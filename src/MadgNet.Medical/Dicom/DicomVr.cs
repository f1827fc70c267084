namespace MadgNet.Medical.Dicom;

/// <summary>How a DICOM value is written (value representation; PS3.5, 6.2).</summary>
public enum DicomVr
{
    /// <summary>Unknown.</summary>
    UN,

    /// <summary>Application entity.</summary>
    AE,

    /// <summary>Age.</summary>
    AS,

    /// <summary>Attribute tag.</summary>
    AT,

    /// <summary>Code string.</summary>
    CS,

    /// <summary>Date.</summary>
    DA,

    /// <summary>Decimal number as text.</summary>
    DS,

    /// <summary>Date and time.</summary>
    DT,

    /// <summary>64-bit float.</summary>
    FD,

    /// <summary>32-bit float.</summary>
    FL,

    /// <summary>Whole number as text.</summary>
    IS,

    /// <summary>Long string.</summary>
    LO,

    /// <summary>Long text.</summary>
    LT,

    /// <summary>Bytes.</summary>
    OB,

    /// <summary>64-bit floats.</summary>
    OD,

    /// <summary>32-bit floats.</summary>
    OF,

    /// <summary>32-bit words.</summary>
    OL,

    /// <summary>64-bit words.</summary>
    OV,

    /// <summary>16-bit words.</summary>
    OW,

    /// <summary>Name of a person.</summary>
    PN,

    /// <summary>Short string.</summary>
    SH,

    /// <summary>Signed 32-bit number.</summary>
    SL,

    /// <summary>Sequence of items.</summary>
    SQ,

    /// <summary>Signed 16-bit number.</summary>
    SS,

    /// <summary>Short text.</summary>
    ST,

    /// <summary>Signed 64-bit number.</summary>
    SV,

    /// <summary>Time.</summary>
    TM,

    /// <summary>Characters without limit.</summary>
    UC,

    /// <summary>Unique identifier.</summary>
    UI,

    /// <summary>Unsigned 32-bit number.</summary>
    UL,

    /// <summary>Address of a resource.</summary>
    UR,

    /// <summary>Unsigned 16-bit number.</summary>
    US,

    /// <summary>Text without limit.</summary>
    UT,

    /// <summary>Unsigned 64-bit number.</summary>
    UV,
}
