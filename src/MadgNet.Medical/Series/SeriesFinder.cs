using MadgNet.Core.Data;
using MadgNet.Medical.Dicom;

namespace MadgNet.Medical.Series;

/// <summary>Puts files together to series.</summary>
internal static class SeriesFinder
{
    private const string DirectoryClass = "1.2.840.10008.1.3.10";
    private const string SegmentationClass = "1.2.840.10008.5.1.4.1.1.66.4";
    private const string LabelMapClass = "1.2.840.10008.5.1.4.1.1.66.7";

    /// <summary>Bytes by which a DICOM file is recognised.</summary>
    private const int StartLength = 256;

    /// <summary>The files that a folder holds, or that a DICOMDIR or a single file names.</summary>
    public static IReadOnlyList<string> Files(string path, DicomReadOptions options)
    {
        if (Directory.Exists(path))
        {
            return FolderFiles.Find(path, recursive: true).Paths;
        }

        DicomFile file = DicomFile.ReadHeader(path, options);
        if (file.SopClass != DirectoryClass && !file.Dataset.Contains(Tags.DirectoryRecordSequence))
        {
            return [path];
        }

        string root = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var files = new List<string>();
        foreach (DicomDataset record in file.Dataset.Sequence(Tags.DirectoryRecordSequence))
        {
            IReadOnlyList<string> parts = record.Texts(Tags.ReferencedFileId);
            if (parts.Count == 0)
            {
                continue;
            }

            if (parts.Any(part => part is "" or "." or ".." || part.AsSpan().IndexOfAny('/', '\\', ':') >= 0))
            {
                throw MedicalFileException.Damaged(path, "a DICOMDIR with a path that leaves its folder");
            }

            files.Add(Path.Combine([root, .. parts]));
        }

        return files;
    }

    /// <summary>The series that files make.</summary>
    public static IReadOnlyList<DicomSeries> Find(IReadOnlyList<string> files, DicomReadOptions options)
    {
        var groups = new SortedDictionary<string, List<(DicomFile File, List<SeriesSlice> Slices)>>(StringComparer.Ordinal);
        var lost = new List<Finding>();
        foreach (string path in files)
        {
            try
            {
                if (!DicomFile.Recognizes(MedicalBytes.ReadStart(path, StartLength).Start))
                {
                    continue;
                }

                DicomFile file = DicomFile.ReadHeader(path, options);
                if (Slices(file) is { Count: > 0 } slices)
                {
                    string uid = file.Dataset.Text(Tags.SeriesInstance) ?? "";
                    if (!groups.TryGetValue(uid, out List<(DicomFile, List<SeriesSlice>)>? group))
                    {
                        groups.Add(uid, group = []);
                    }

                    group.Add((file, slices));
                }
            }
            catch (MedicalFileException error)
            {
                lost.Add(new Finding(FindingKind.Unreadable, FindingSeverity.Error, error.Problem));
            }
        }

        var series = new List<DicomSeries>();
        foreach ((string uid, List<(DicomFile File, List<SeriesSlice> Slices)> group) in groups)
        {
            var findings = new List<Finding>(lost);
            IReadOnlyList<SeriesSlice> slices = SeriesOrder.Sort([.. group.SelectMany(entry => entry.Slices)], findings);
            CheckSyntaxes(slices, options, findings);
            series.Add(new DicomSeries(uid, group[0].File.Modality, slices, findings, options));
        }

        return series.Count == 0 && lost.Count > 0
            ? throw new MedicalFileException(
                MedicalFileFault.Damaged,
                lost[0].Problem.Subject,
                lost[0].Problem.Received,
                lost[0].Problem.Expected,
                lost[0].Problem.Remedy)
            : series;
    }

    /// <summary>The series of one image in memory.</summary>
    public static DicomSeries Of(DicomFile file, DicomReadOptions options)
    {
        if (Slices(file) is not { Count: > 0 } slices)
        {
            throw new MedicalFileException(
                MedicalFileFault.Unsupported, file.Name, "a DICOM object that is no image", "an image", "Choose an image");
        }

        var findings = new List<Finding>();
        IReadOnlyList<SeriesSlice> sorted = SeriesOrder.Sort(slices, findings);
        CheckSyntaxes(sorted, options, findings);
        return new DicomSeries(file.Dataset.Text(Tags.SeriesInstance) ?? "", file.Modality, sorted, findings, options, file);
    }

    /// <summary>The frames of an image; none for an object without pixels, and for segmentations, which are no images.</summary>
    private static List<SeriesSlice>? Slices(DicomFile file)
    {
        DicomDataset data = file.Dataset;
        if (file.SopClass is SegmentationClass or LabelMapClass
            || data.Integer(Tags.Rows) is not { } rows
            || data.Integer(Tags.Columns) is not { } columns)
        {
            return null;
        }

        int frames = Math.Max(1, data.Integer(Tags.NumberOfFrames) ?? 1);

        // A header that claims more frames than it describes one by one is not believed: each needs an entry below.
        const int MostFrames = 65536;
        if (frames > MostFrames)
        {
            throw MedicalFileException.Damaged(file.Name, $"{frames} frames");
        }

        var slices = new List<SeriesSlice>(frames);
        for (int frame = 0; frame < frames; frame++)
        {
            slices.Add(new SeriesSlice
            {
                Path = file.Name,
                Frame = frame,
                FileFrames = frames,
                SopClass = file.SopClass ?? "",
                SopInstance = file.SopInstance ?? "",
                InstanceNumber = data.Integer(Tags.InstanceNumber),
                Rows = rows,
                Columns = columns,
                TransferSyntax = file.TransferSyntax,
                Geometry = FunctionalGroups.Geometry(data, frame),
            });
        }

        return slices;
    }

    private static void CheckSyntaxes(IReadOnlyList<SeriesSlice> slices, DicomReadOptions options, List<Finding> findings)
    {
        foreach (IGrouping<TransferSyntax, SeriesSlice> group in slices.GroupBy(slice => slice.TransferSyntax))
        {
            if (group.Key.IsEncapsulated && !DicomImage.CanUnpack(group.Key, options))
            {
                findings.Add(new Finding(
                    FindingKind.UnsupportedFormat,
                    FindingSeverity.Error,
                    new Problem(
                        group.First().Path,
                        $"{group.Count()} slices compressed as {group.Key}",
                        "no compression, deflate, RLE Lossless or JPEG Baseline of 8 bits",
                        "Convert the files, for example with dcmdjpeg or gdcmconv --raw, or name a codec in DicomReadOptions.Codecs"),
                    [.. group.Skip(1).Select(slice => slice.Path)]));
            }
            else if (group.Key.IsLossy)
            {
                findings.Add(new Finding(
                    FindingKind.LossyCompression,
                    FindingSeverity.Warning,
                    new Problem(
                        group.First().Path,
                        $"{group.Count()} slices compressed as {group.Key}",
                        "images without losses",
                        "Train and predict on images of one kind: compression leaves traces that networks see")));
            }
        }
    }
}
