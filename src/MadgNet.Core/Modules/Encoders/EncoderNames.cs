using MadgNet.Core.Modules.Encoders;

namespace MadgNet.Core.Modules.Encoders;

/// <summary>The names of this library's encoders in files, registries and options.</summary>
public static class EncoderNames
{
    /// <summary>ResNeSt-50 (radix 2, base width 64, deep stem), the published choice: <see cref="ResNeStEncoder"/>.</summary>
    public const string ResNeSt50 = "resnest50";

    /// <summary>ResNet-18: <see cref="ResNetEncoder"/>.</summary>
    public const string ResNet18 = "resnet18";

    /// <summary>
    /// ResNet-18 as Microsoft's CNTK has it, with a block more than others': <see cref="ResNetEncoder"/> of
    /// <see cref="ResNetDepth.ResNet18Cntk"/>. The weights of the package MadgNet.Pretrained.ResNet18 are for it.
    /// </summary>
    public const string ResNet18Cntk = "resnet18_cntk";

    /// <summary>ResNet-34: <see cref="ResNetEncoder"/>.</summary>
    public const string ResNet34 = "resnet34";

    /// <summary>ResNet-50: <see cref="ResNetEncoder"/>.</summary>
    public const string ResNet50 = "resnet50";

    /// <summary>Res2Net-50 v1b, width 26, scale 4: <see cref="Res2NetEncoder"/>.</summary>
    public const string Res2Net50 = "res2net50";

    /// <summary>The contracting path of the classic U-Net: <see cref="UNetEncoder"/>.</summary>
    public const string UNet = "unet";

    /// <summary>An encoder of your own that is handed over as an object, and that no registry knows.</summary>
    public const string Custom = "custom";
}
