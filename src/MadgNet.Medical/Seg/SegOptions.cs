using System.Reflection;

namespace MadgNet.Medical.Seg;

/// <summary>How a DICOM segmentation is written.</summary>
public sealed record SegOptions
{
    /// <summary>How segments are stored. Default <see cref="SegmentationType.Binary"/>.</summary>
    public SegmentationType Type { get; init; } = SegmentationType.Binary;

    /// <summary>
    /// Whether frames without a pixel of their segment are written. Default false: viewers take what is missing as empty. Where all
    /// frames are empty they are written all the same, because a file without frames is none.
    /// </summary>
    public bool KeepEmptyFrames { get; init; }

    /// <summary>
    /// Whether name, number, birth date and sex of the patient, and the date, number and physician of the study, are copied from the
    /// source. Default false: they are written without value, as the standard allows, and the study's identifier alone tells where the
    /// segmentation belongs. Archives that sort by patient need true.
    /// </summary>
    public bool CopyPatient { get; init; }

    /// <summary>
    /// The beginning of new identifiers, an own root of digits and dots such as <c>1.2.3</c>; null, the default, for <c>2.25</c> with 122
    /// random bits.
    /// </summary>
    public string? UidRoot { get; init; }

    /// <summary>The name of the algorithm that made the masks: that of the network. Default <c>MADGNet</c>.</summary>
    public string AlgorithmName { get; init; } = "MADGNet";

    /// <summary>The version of the algorithm: that of the weights. Default: that of this library.</summary>
    public string AlgorithmVersion { get; init; } = LibraryVersion;

    /// <summary>The maker that equipment attributes name. Default <c>MadgNet.Core contributors</c>.</summary>
    public string Manufacturer { get; init; } = "MadgNet.Core contributors";

    /// <summary>The product that equipment attributes name. Default <c>MadgNet.Medical</c>.</summary>
    public string ManufacturerModel { get; init; } = "MadgNet.Medical";

    /// <summary>The serial number that equipment attributes have to state. Default <c>0</c>.</summary>
    public string DeviceSerialNumber { get; init; } = "0";

    /// <summary>A description of the new series; null for none. Default <c>Segmentation</c>.</summary>
    public string? SeriesDescription { get; init; } = "Segmentation";

    /// <summary>The number of the new series. Default 300.</summary>
    public int SeriesNumber { get; init; } = 300;

    /// <summary>The number of the object in its series. Default 1.</summary>
    public int InstanceNumber { get; init; } = 1;

    /// <summary>A word for the content, in capitals, digits, spaces and underscores; at most 16. Default <c>SEGMENTATION</c>.</summary>
    public string ContentLabel { get; init; } = "SEGMENTATION";

    /// <summary>When the masks were made; null, the default, for now.</summary>
    public DateTimeOffset? Created { get; init; }

    internal static string LibraryVersion { get; } =
        typeof(SegOptions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>Everything that is wrong with these options.</summary>
    /// <returns>The problems; empty when nothing is.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>(Problem.Undefined(nameof(Type), Type));
        if (UidRoot is not null && !DicomUid.IsRoot(UidRoot))
        {
            problems.Add(new Problem(
                nameof(UidRoot), $"'{UidRoot}'", "numbers parted by dots, at most 24 characters", "Use a root that belongs to you, or null"));
        }

        foreach ((string name, string value) in new[]
        {
            (nameof(AlgorithmName), AlgorithmName), (nameof(AlgorithmVersion), AlgorithmVersion), (nameof(Manufacturer), Manufacturer),
            (nameof(ManufacturerModel), ManufacturerModel), (nameof(DeviceSerialNumber), DeviceSerialNumber)
        })
        {
            if (string.IsNullOrWhiteSpace(value) || value.Length > 64 || value.Contains('\\', StringComparison.Ordinal))
            {
                problems.Add(new Problem(name, $"'{value}'", "1 to 64 characters without backslash", $"Set {name}, or leave the default"));
            }
        }

        if (SeriesDescription is { Length: > 64 })
        {
            problems.Add(new Problem(nameof(SeriesDescription), $"{SeriesDescription.Length} characters", "at most 64", "Shorten it"));
        }

        if (ContentLabel is not { Length: > 0 and <= 16 } || ContentLabel.Any(letter => !(char.IsAsciiLetterUpper(letter)
            || char.IsAsciiDigit(letter) || letter is ' ' or '_')))
        {
            problems.Add(new Problem(
                nameof(ContentLabel), $"'{ContentLabel}'", "1 to 16 capitals, digits, spaces and underscores", "Use SEGMENTATION"));
        }

        if (SeriesNumber < 0 || InstanceNumber < 0)
        {
            problems.Add(new Problem(
                nameof(SeriesNumber), $"series {SeriesNumber}, object {InstanceNumber}", "0 or more", "Leave the defaults, 300 and 1"));
        }

        return problems;
    }
}
