using MadgNet.Medical.Dicom;
using MadgNet.Medical.Series;

namespace MadgNet.Medical.Seg;

/// <summary>The attributes of a segmentation that belong to no frame (PS3.3, A.51).</summary>
internal static class SegHeader
{
    public const string SegmentationClass = "1.2.840.10008.5.1.4.1.1.66.4";
    public const string LabelMapClass = "1.2.840.10008.5.1.4.1.1.66.7";

    /// <summary>Attributes of patient and study that the standard lets be without value, with how they are written.</summary>
    private static readonly (DicomTag Tag, DicomVr Vr)[] Personal =
    [
        (Tags.PatientName, DicomVr.PN), (Tags.PatientId, DicomVr.LO), (Tags.PatientBirthDate, DicomVr.DA), (Tags.PatientSex, DicomVr.CS),
        (Tags.StudyDate, DicomVr.DA), (Tags.StudyTime, DicomVr.TM), (Tags.ReferringPhysician, DicomVr.PN), (Tags.StudyId, DicomVr.SH),
        (Tags.AccessionNumber, DicomVr.SH),
    ];

    public static DicomDataset Create(SegSource source, SegOptions options, IReadOnlyList<SegSegment> segments, string date, string time)
    {
        DicomDataset from = source.Header(0);
        var data = new DicomDataset { IsUtf8 = true };
        data.SetText(Tags.SpecificCharacterSet, DicomVr.CS, "ISO_IR 192");
        foreach ((DicomTag tag, DicomVr vr) in Personal)
        {
            data.SetText(tag, vr, options.CopyPatient ? from.Texts(tag) : []);
        }

        bool map = options.Type == SegmentationType.LabelMap;
        data.SetText(Tags.ImageType, DicomVr.CS, "DERIVED", "PRIMARY")
            .SetText(Tags.SopClass, DicomVr.UI, map ? LabelMapClass : SegmentationClass)
            .SetText(Tags.SopInstance, DicomVr.UI, DicomUid.New(options.UidRoot))
            .SetText(Tags.StudyInstance, DicomVr.UI, from.Text(Tags.StudyInstance)!)
            .SetText(Tags.Modality, DicomVr.CS, "SEG")
            .SetText(Tags.SeriesInstance, DicomVr.UI, DicomUid.New(options.UidRoot))
            .SetNumbers(Tags.SeriesNumber, DicomVr.IS, options.SeriesNumber)
            .SetText(Tags.SeriesDate, DicomVr.DA, date)
            .SetText(Tags.SeriesTime, DicomVr.TM, time)
            .SetText(Tags.Manufacturer, DicomVr.LO, options.Manufacturer)
            .SetText(Tags.ManufacturerModel, DicomVr.LO, options.ManufacturerModel)
            .SetText(Tags.DeviceSerialNumber, DicomVr.LO, options.DeviceSerialNumber)
            .SetText(Tags.SoftwareVersions, DicomVr.LO, SegOptions.LibraryVersion)
            .SetNumbers(Tags.InstanceNumber, DicomVr.IS, options.InstanceNumber)
            .SetText(Tags.ContentDate, DicomVr.DA, date)
            .SetText(Tags.ContentTime, DicomVr.TM, time)
            .SetText(Tags.ContentLabel, DicomVr.CS, options.ContentLabel)
            .SetText(Tags.ContentDescription, DicomVr.LO)
            .SetText(Tags.ContentCreator, DicomVr.PN)
            .SetText(Tags.SegmentationType, DicomVr.CS, map ? "LABELMAP" : options.Type.ToString().ToUpperInvariant());
        if (options.SeriesDescription is { Length: > 0 } description)
        {
            data.SetText(Tags.SeriesDescription, DicomVr.LO, description);
        }

        if (source.HasGeometry)
        {
            data.SetText(Tags.FrameOfReference, DicomVr.UI, from.Text(Tags.FrameOfReference)!)
                .SetText(Tags.PositionReferenceIndicator, DicomVr.LO, from.Texts(Tags.PositionReferenceIndicator));
        }
        else
        {
            // What a projection says of its rows and columns instead; the standard lets it be without value.
            data.SetText(Tags.PatientOrientation, DicomVr.CS, from.Texts(Tags.PatientOrientation));
        }

        if (options.Type == SegmentationType.Fractional)
        {
            data.SetText(Tags.FractionalType, DicomVr.CS, "PROBABILITY").SetNumbers(Tags.MaximumFractionalValue, DicomVr.US, 255);
        }

        data.SetItems(Tags.SegmentSequence, [.. segments.Select(segment => Segment(segment, options))]);
        data.SetItems(Tags.ReferencedSeriesSequence, References(source));
        Lossy(source, data);
        return data;
    }

    private static DicomDataset Segment(SegSegment segment, SegOptions options)
    {
        DicomDataset item = new DicomDataset { IsUtf8 = true }
            .SetItems(Tags.SegmentedPropertyCategory, segment.Category.ToItem())
            .SetNumbers(Tags.SegmentNumber, DicomVr.US, segment.Number)
            .SetText(Tags.SegmentLabel, DicomVr.LO, segment.Label)
            .SetText(Tags.SegmentAlgorithmType, DicomVr.CS, segment.Algorithm.ToString().ToUpperInvariant())
            .SetItems(Tags.SegmentedPropertyType, segment.Type.ToItem());
        if (segment.Description is { Length: > 0 } description)
        {
            item.SetText(Tags.SegmentDescription, DicomVr.ST, description);
        }

        if (segment.Algorithm != SegAlgorithm.Manual)
        {
            string name = segment.AlgorithmName ?? options.AlgorithmName;
            item.SetText(Tags.SegmentAlgorithmName, DicomVr.LO, name);
            item.SetItems(Tags.AlgorithmIdentification, new DicomDataset { IsUtf8 = true }
                .SetItems(Tags.AlgorithmFamily, new CodedConcept("123110", "DCM", "Artificial Intelligence").ToItem())
                .SetText(Tags.AlgorithmVersion, DicomVr.LO, options.AlgorithmVersion)
                .SetText(Tags.AlgorithmName, DicomVr.LO, name));
        }

        if (segment.Color is { } color)
        {
            item.SetNumbers(Tags.RecommendedColor, DicomVr.US, CieLabColor.Of(color));
        }

        return item;
    }

    private static DicomDataset References(SegSource source) => new DicomDataset()
        .SetText(Tags.SeriesInstance, DicomVr.UI, source.Series.Uid)
        .SetItems(Tags.ReferencedInstanceSequence, [.. source.Series.Slices
            .DistinctBy(slice => slice.SopInstance)
            .Select(Reference)]);

    /// <summary>The class and instance of a slice's object.</summary>
    public static DicomDataset Reference(SeriesSlice slice) => new DicomDataset()
        .SetText(Tags.ReferencedSopClass, DicomVr.UI, slice.SopClass)
        .SetText(Tags.ReferencedSopInstance, DicomVr.UI, slice.SopInstance);

    /// <summary>Losses stay losses: what was made of a lossy image says so, with the method and the ratio.</summary>
    private static void Lossy(SegSource source, DicomDataset data)
    {
        DicomDataset? lossy = Enumerable.Range(0, source.Series.Slices.Count)
            .Select(source.Header)
            .FirstOrDefault(header => header.Text(Tags.LossyCompression) == "01");
        data.SetText(Tags.LossyCompression, DicomVr.CS, lossy is null ? "00" : "01");
        if (lossy is not null
            && lossy.Texts(Tags.LossyRatio) is { Count: > 0 } ratio
            && lossy.Texts(Tags.LossyMethod) is { Count: > 0 } method)
        {
            data.SetText(Tags.LossyRatio, DicomVr.DS, ratio).SetText(Tags.LossyMethod, DicomVr.CS, method);
        }
    }
}
