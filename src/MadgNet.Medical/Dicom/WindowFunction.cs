namespace MadgNet.Medical.Dicom;

/// <summary>How values between the ends of a window become 0..1 (PS3.3, C.11.2.1).</summary>
public enum WindowFunction
{
    /// <summary>A straight line, with the standard's half a unit: centre − 0.5 and width − 1.</summary>
    Linear,

    /// <summary>A straight line from centre − width/2 to centre + width/2.</summary>
    LinearExact,

    /// <summary>A sigmoid curve.</summary>
    Sigmoid,
}
