namespace MadgNet.Core.Annotations;

/// <summary>A form in which other programs keep what was drawn on images.</summary>
public enum AnnotationFormat
{
    /// <summary>GeoJSON as QuPath writes it: one file for each image.</summary>
    QuPathGeoJson,

    /// <summary>COCO's object instances: one JSON file for many images.</summary>
    Coco,

    /// <summary>"CVAT for images 1.1": one XML file for many images.</summary>
    CvatXml,

    /// <summary>Label Studio's JSON: one file for many images, places in percent.</summary>
    LabelStudio,

    /// <summary>Pascal VOC: one XML file for each image, boxes and polygons.</summary>
    PascalVoc,

    /// <summary>labelme: one JSON file for each image.</summary>
    LabelMe,
}
