namespace MadgNet.Medical.Dicom;

/// <summary>How a DICOM file is written: byte order, whether it states value representations, and how pixels are compressed.</summary>
/// <param name="Uid">The identifier.</param>
/// <param name="Name">The standard's name; the identifier itself where it is not known.</param>
public sealed record TransferSyntax(string Uid, string Name)
{
    /// <summary>Little endian, without value representations.</summary>
    public static TransferSyntax ImplicitLittleEndian { get; } = new("1.2.840.10008.1.2", "Implicit VR Little Endian")
    {
        IsExplicit = false,
    };

    /// <summary>Little endian, with value representations.</summary>
    public static TransferSyntax ExplicitLittleEndian { get; } = new("1.2.840.10008.1.2.1", "Explicit VR Little Endian");

    /// <summary>As <see cref="ExplicitLittleEndian"/>, all of it compressed by the deflate algorithm.</summary>
    public static TransferSyntax Deflated { get; } = new("1.2.840.10008.1.2.1.99", "Deflated Explicit VR Little Endian")
    {
        IsDeflated = true,
    };

    /// <summary>Big endian, with value representations; retired from the standard.</summary>
    public static TransferSyntax ExplicitBigEndian { get; } = new("1.2.840.10008.1.2.2", "Explicit VR Big Endian")
    {
        IsBigEndian = true,
    };

    /// <summary>Pixels as run-length codes.</summary>
    public static TransferSyntax RunLength { get; } = new("1.2.840.10008.1.2.5", "RLE Lossless") { IsEncapsulated = true };

    /// <summary>Pixels as JPEG of 8 bits.</summary>
    public static TransferSyntax JpegBaseline { get; } = new("1.2.840.10008.1.2.4.50", "JPEG Baseline (Process 1)")
    {
        IsEncapsulated = true,
        IsLossy = true,
    };

    private static readonly TransferSyntax[] Known =
    [
        ImplicitLittleEndian, ExplicitLittleEndian, Deflated, ExplicitBigEndian, RunLength, JpegBaseline,
        Lossy("1.2.840.10008.1.2.4.51", "JPEG Extended (Process 2 and 4)"),
        Lossless("1.2.840.10008.1.2.4.57", "JPEG Lossless (Process 14)"),
        Lossless("1.2.840.10008.1.2.4.70", "JPEG Lossless, First-Order Prediction"),
        Lossless("1.2.840.10008.1.2.4.80", "JPEG-LS Lossless"),
        Lossy("1.2.840.10008.1.2.4.81", "JPEG-LS Near-Lossless"),
        Lossless("1.2.840.10008.1.2.4.90", "JPEG 2000 Lossless"),
        Lossy("1.2.840.10008.1.2.4.91", "JPEG 2000"),
        Lossless("1.2.840.10008.1.2.4.92", "JPEG 2000 Part 2 Lossless"),
        Lossy("1.2.840.10008.1.2.4.93", "JPEG 2000 Part 2"),
        Lossy("1.2.840.10008.1.2.4.94", "JPIP Referenced"),
        Lossy("1.2.840.10008.1.2.4.95", "JPIP Referenced Deflate"),
        Lossy("1.2.840.10008.1.2.4.100", "MPEG-2 Main Profile, Main Level"),
        Lossy("1.2.840.10008.1.2.4.101", "MPEG-2 Main Profile, High Level"),
        Lossy("1.2.840.10008.1.2.4.102", "MPEG-4 AVC/H.264 High Profile"),
        Lossy("1.2.840.10008.1.2.4.103", "MPEG-4 AVC/H.264 BD-compatible"),
        Lossy("1.2.840.10008.1.2.4.104", "MPEG-4 AVC/H.264 for 2D Video"),
        Lossy("1.2.840.10008.1.2.4.105", "MPEG-4 AVC/H.264 for 3D Video"),
        Lossy("1.2.840.10008.1.2.4.106", "MPEG-4 AVC/H.264 Stereo"),
        Lossy("1.2.840.10008.1.2.4.107", "HEVC/H.265 Main Profile"),
        Lossy("1.2.840.10008.1.2.4.108", "HEVC/H.265 Main 10 Profile"),
        Lossless("1.2.840.10008.1.2.4.110", "JPEG XL Lossless"),
        Lossy("1.2.840.10008.1.2.4.112", "JPEG XL"),
        Lossless("1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000 Lossless"),
        Lossless("1.2.840.10008.1.2.4.202", "High-Throughput JPEG 2000 with RPCL, Lossless"),
        Lossy("1.2.840.10008.1.2.4.203", "High-Throughput JPEG 2000"),
    ];

    /// <summary>Whether elements state their value representations.</summary>
    public bool IsExplicit { get; init; } = true;

    /// <summary>Whether numbers have their highest byte first.</summary>
    public bool IsBigEndian { get; init; }

    /// <summary>Whether the whole data set is compressed.</summary>
    public bool IsDeflated { get; init; }

    /// <summary>Whether pixels are compressed, each frame by itself.</summary>
    public bool IsEncapsulated { get; init; }

    /// <summary>Whether pixels may have lost something by their compression.</summary>
    public bool IsLossy { get; init; }

    /// <summary>The syntax of an identifier. One that is not known is taken for a compression of pixels, as all newer ones are.</summary>
    /// <param name="uid">The identifier.</param>
    /// <returns>The syntax.</returns>
    public static TransferSyntax Of(string uid)
    {
        ArgumentNullException.ThrowIfNull(uid);
        return Array.Find(Known, syntax => syntax.Uid == uid) ?? new TransferSyntax(uid, uid) { IsEncapsulated = true };
    }

    /// <summary>Name and identifier.</summary>
    /// <returns>For example <c>RLE Lossless (1.2.840.10008.1.2.5)</c>.</returns>
    public override string ToString() => Name == Uid ? $"an unknown transfer syntax ({Uid})" : $"{Name} ({Uid})";

    private static TransferSyntax Lossless(string uid, string name) => new(uid, name) { IsEncapsulated = true };

    private static TransferSyntax Lossy(string uid, string name) => new(uid, name) { IsEncapsulated = true, IsLossy = true };
}
