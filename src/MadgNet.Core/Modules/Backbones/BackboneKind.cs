namespace MadgNet.Core.Modules.Backbones;

/// <summary>The encoders that this library brings, and the one that a host brings itself.</summary>
public enum BackboneKind
{
    /// <summary>ResNeSt-50 (radix 2, base width 64, deep stem), the published choice: <see cref="ResNeStBackbone"/>.</summary>
    ResNeSt50,

    /// <summary>ResNet-50: <see cref="ResNetBackbone"/>.</summary>
    ResNet50,

    /// <summary>Res2Net-50 v1b, width 26, scale 4: <see cref="Res2NetBackbone"/>.</summary>
    Res2Net50,

    /// <summary>An <see cref="IBackbone"/> of the host.</summary>
    Custom,
}
