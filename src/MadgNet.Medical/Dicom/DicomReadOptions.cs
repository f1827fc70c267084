namespace MadgNet.Medical.Dicom;

/// <summary>What is read of DICOM files, and how much memory that may take.</summary>
public sealed record DicomReadOptions
{
    /// <summary>The options that are used when none are given.</summary>
    public static DicomReadOptions Default { get; } = new();

    /// <summary>
    /// The most memory, in bytes, that unpacking may take: of a deflated data set twice what it unpacks to, of a frame its bytes and its
    /// numbers. Default 1 GiB. Reading a file without compression copies nothing of it.
    /// </summary>
    public long MaximumBytes { get; init; } = 1L << 30;

    /// <summary>Codecs of the host, asked before the built-in ones (RLE and JPEG of 8 bits). Default none.</summary>
    public IReadOnlyList<IDicomCodec> Codecs { get; init; } = [];

    /// <summary>Everything that is wrong with these options.</summary>
    /// <returns>The problems; empty when nothing is.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (MaximumBytes < 1)
        {
            problems.Add(new Problem(nameof(MaximumBytes), $"{MaximumBytes}", "1 or more", "Leave the default, 1 GiB"));
        }

        if (Codecs is null || Codecs.Any(codec => codec is null))
        {
            problems.Add(new Problem(nameof(Codecs), "null", "codecs, or an empty list", "Leave the default"));
        }

        return problems;
    }
}
