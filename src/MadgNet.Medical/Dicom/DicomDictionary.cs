using System.Collections.Frozen;

namespace MadgNet.Medical.Dicom;

/// <summary>
/// The value representations of the attributes that are read or written here: implicit files do not state them, and some explicit
/// ones state wrong ones. Every other attribute of an implicit file is <see cref="DicomVr.UN"/> and kept as it is.
/// </summary>
internal static class DicomDictionary
{
    private static readonly FrozenDictionary<DicomTag, DicomVr> Known = Table().ToFrozenDictionary(entry => entry.Tag, entry => entry.Vr);

    public static DicomVr Of(DicomTag tag) =>
        Known.TryGetValue(tag, out DicomVr vr) ? vr : tag is { Group: 0x0002 or >= 0x0004, Element: 0 } ? DicomVr.UL : DicomVr.UN;

    private static IEnumerable<(DicomTag Tag, DicomVr Vr)> Table()
    {
        (DicomVr, DicomTag[])[] groups =
        [
            (DicomVr.UL, [Tags.FileMetaGroupLength, Tags.DimensionIndexValues, Tags.ConcatenationFrameOffset]),
            (DicomVr.OB, [Tags.FileMetaVersion]),
            (DicomVr.UI, [
                Tags.MediaStorageSopClass, Tags.MediaStorageSopInstance, Tags.TransferSyntaxUid, Tags.ImplementationClassUid, Tags.SopClass,
                Tags.SopInstance, Tags.ReferencedSopClass, Tags.ReferencedSopInstance, Tags.StudyInstance, Tags.SeriesInstance,
                Tags.FrameOfReference, Tags.DimensionOrganization, Tags.ConcatenationUid
            ]),
            (DicomVr.SQ, [
                Tags.DirectoryRecordSequence, Tags.ReferencedSeriesSequence, Tags.ReferencedInstanceSequence, Tags.SourceImageSequence,
                Tags.DerivationImageSequence, Tags.DerivationCodeSequence, Tags.FrameContentSequence, Tags.PlanePositionSequence,
                Tags.PlaneOrientationSequence, Tags.DimensionOrganizationSequence, Tags.DimensionIndexSequence, Tags.ModalityLutSequence,
                Tags.VoiLutSequence, Tags.PixelMeasuresSequence, Tags.FrameVoiLutSequence, Tags.PixelTransformationSequence,
                Tags.PurposeOfReference, Tags.SegmentSequence, Tags.SegmentedPropertyCategory, Tags.SegmentIdentification,
                Tags.SegmentedPropertyType, Tags.AlgorithmIdentification, Tags.AlgorithmFamily, Tags.SharedGroups, Tags.PerFrameGroups
            ]),
            (DicomVr.CS, [
                Tags.ReferencedFileId, Tags.SpecificCharacterSet, Tags.ImageType, Tags.Modality, Tags.PatientSex, Tags.PatientOrientation,
                Tags.Photometric, Tags.VoiFunction, Tags.LossyCompression, Tags.LossyMethod, Tags.SegmentationType,
                Tags.SegmentAlgorithmType, Tags.FractionalType, Tags.SegmentsOverlap, Tags.ContentLabel
            ]),
            (DicomVr.DA, [Tags.StudyDate, Tags.SeriesDate, Tags.ContentDate, Tags.PatientBirthDate]),
            (DicomVr.TM, [Tags.StudyTime, Tags.SeriesTime, Tags.ContentTime]),
            (DicomVr.SH, [Tags.ImplementationVersion, Tags.AccessionNumber, Tags.CodeValue, Tags.CodingScheme, Tags.StudyId]),
            (DicomVr.LO, [
                Tags.Manufacturer, Tags.CodeMeaning, Tags.SeriesDescription, Tags.ManufacturerModel, Tags.PatientId,
                Tags.DeviceSerialNumber, Tags.SoftwareVersions, Tags.PositionReferenceIndicator, Tags.DimensionDescription,
                Tags.RescaleType, Tags.SegmentLabel, Tags.SegmentAlgorithmName, Tags.ContentDescription, Tags.AlgorithmName,
                Tags.AlgorithmVersion
            ]),
            (DicomVr.UC, [Tags.LongCodeValue]),
            (DicomVr.UR, [Tags.UrnCodeValue]),
            (DicomVr.ST, [Tags.SegmentDescription]),
            (DicomVr.PN, [Tags.ReferringPhysician, Tags.PatientName, Tags.ContentCreator]),
            (DicomVr.IS, [Tags.ReferencedFrameNumber, Tags.SeriesNumber, Tags.InstanceNumber, Tags.NumberOfFrames]),
            (DicomVr.DS, [
                Tags.SliceThickness, Tags.ImagerPixelSpacing, Tags.Position, Tags.Orientation, Tags.PixelSpacing, Tags.WindowCenter,
                Tags.WindowWidth, Tags.RescaleIntercept, Tags.RescaleSlope, Tags.LossyRatio, Tags.GridFrameOffsets
            ]),
            (DicomVr.AT, [Tags.DimensionIndexPointer, Tags.FunctionalGroupPointer]),
            (DicomVr.US, [
                Tags.SamplesPerPixel, Tags.PlanarConfiguration, Tags.Rows, Tags.Columns, Tags.BitsAllocated, Tags.BitsStored, Tags.HighBit,
                Tags.PixelRepresentation, Tags.SegmentNumber, Tags.ReferencedSegmentNumber, Tags.RecommendedColor,
                Tags.MaximumFractionalValue, Tags.RedDescriptor, new(0x0028, 0x1102), new(0x0028, 0x1103), Tags.LutDescriptor,
                Tags.PixelPadding, Tags.PixelPaddingLimit, Tags.InConcatenationNumber, Tags.InConcatenationTotal
            ]),
            (DicomVr.OV, [Tags.ExtendedOffsets, Tags.ExtendedLengths]),
            (DicomVr.OF, [Tags.FloatPixels]),
            (DicomVr.OD, [Tags.DoublePixels]),
            (DicomVr.OW, [
                Tags.PixelData, Tags.LutData, Tags.RedData, new(0x0028, 0x1202), new(0x0028, 0x1203), Tags.SegmentedRedData,
                new(0x0028, 0x1222), new(0x0028, 0x1223)
            ]),
        ];
        return groups.SelectMany(group => group.Item2.Select(tag => (tag, group.Item1)));
    }
}
