namespace MadgNet.Core.Data;

/// <summary>The kinds of images of the paper's experiments.</summary>
public enum Modality
{
    /// <summary>Photographs of skin lesions.</summary>
    Dermoscopy,

    /// <summary>Computed tomography of the lungs.</summary>
    ComputedTomography,

    /// <summary>Ultrasound of the breast.</summary>
    Ultrasound,

    /// <summary>Microscopy of nuclei.</summary>
    Microscopy,

    /// <summary>Colonoscopy of polyps.</summary>
    Colonoscopy,

    /// <summary>Photographs of the retina: optic cup and disc.</summary>
    Fundus,
}
