namespace MadgNet.Medical.Nifti;

/// <summary>The types of numbers in NIfTI files, by their codes.</summary>
public enum NiftiType
{
    /// <summary>8 bits without sign.</summary>
    UInt8 = 2,

    /// <summary>16 bits with sign.</summary>
    Int16 = 4,

    /// <summary>32 bits with sign.</summary>
    Int32 = 8,

    /// <summary>32-bit floats.</summary>
    Float32 = 16,

    /// <summary>64-bit floats.</summary>
    Float64 = 64,

    /// <summary>Three bytes: red, green, blue.</summary>
    Rgb24 = 128,

    /// <summary>8 bits with sign.</summary>
    Int8 = 256,

    /// <summary>16 bits without sign.</summary>
    UInt16 = 512,

    /// <summary>32 bits without sign.</summary>
    UInt32 = 768,

    /// <summary>64 bits with sign.</summary>
    Int64 = 1024,

    /// <summary>64 bits without sign.</summary>
    UInt64 = 1280,

    /// <summary>Four bytes: red, green, blue, alpha.</summary>
    Rgba32 = 2304,
}
